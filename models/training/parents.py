"""Finished adapters that another one is made from: gone on from, or averaged."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from lsp_server.errors import ModelBuildFailed
from models.adapter import Provenance, Tuning, check_applies, check_form, read_provenance, read_tuning
from models.recipe import Recipe
from models.training.curve import Curve, read_curves
from models.training.inputs import data_digest, training_of


@attrs.frozen
class Parent:
    """An adapter of a recipe as it is now, and all that is known of it."""

    tuning: Tuning
    origin: Provenance
    curves: Sequence[Curve]
    """The course of its loss, of each training that it is made from."""


def read_parent(recipe: Recipe, folder: Path) -> Parent:
    """Return the adapter in `folder`.

    Raises:
        ModelBuildFailed: it cannot be read, or is not of this recipe as it is now.
    """
    tuning = read_tuning(folder.expanduser(), recipe)
    check_applies(tuning, recipe)
    check_form(tuning, training_of(recipe))
    return Parent(tuning, read_provenance(tuning.folder), read_curves(tuning.folder))


def check_rows(tuning: Tuning, folder: Path, hint: str) -> None:
    """Hold the rows in `folder` to those that an adapter has learnt from.

    Raises:
        ModelBuildFailed: they are others; `hint` says what to do.
    """
    if data_digest(folder) != tuning.rows:
        raise ModelBuildFailed(
            f"The adapter in {tuning.folder} has learnt from other rows than those in {folder}.", hint
        )
