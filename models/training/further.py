"""A training that goes on from a finished adapter: over the rows that are new to it, and some of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import attrs

from lsp_server.errors import BadRequest, ModelBuildFailed
from models.adapter import Provenance
from models.data.rows import Row, read_rows
from models.recipe import Recipe
from models.training.inputs import TRAIN, training_of
from models.training.parents import Parent, check_rows, read_parent


@attrs.frozen
class Start:
    """A finished adapter to go on from, and the rows that it has learnt from."""

    parent: Parent
    learnt: frozenset[str]
    """The conversations of those rows."""
    repeat_one_in: int

    @property
    def key(self) -> str:
        """All that decides what is learnt, beside rows and numbers."""
        return f"{self.parent.tuning.digest} 1/{self.repeat_one_in}"

    def choose(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows to learn from: all that are new, and of each kind of the others one in so many."""
        seen: Counter[str] = Counter()
        chosen: list[Row] = []
        for row in rows:
            known = _said(row) in self.learnt
            if not (known and seen[row.kind] % self.repeat_one_in):
                chosen.append(row)
            seen[row.kind] += known
        return chosen

    def together(self, own: Provenance) -> Provenance:
        """Return where the adapter comes from that this one has become; `own` is of the further training alone."""
        before = self.parent.origin
        return attrs.evolve(
            own,
            steps=before.steps + own.steps,
            tokens=before.tokens + own.tokens,
            seconds=round(before.seconds + own.seconds, 1),
            peak_memory_bytes=max(before.peak_memory_bytes, own.peak_memory_bytes),
            parents=(self.parent.tuning.digest,),
        )


def started(recipe: Recipe, adapter: Path | None, learnt: Path | None) -> Start | None:
    """Return what a further training of `recipe` begins with; None where nothing is named.

    Args:
        recipe: whose adapter it is.
        adapter: its folder.
        learnt: the folder of the rows that it has learnt from.

    Raises:
        BadRequest: one is named without the other.
        ModelBuildFailed: the recipe says nothing of it, the adapter cannot be learnt on, or the rows are others.
    """
    if adapter is None and learnt is None:
        return None
    if adapter is None or learnt is None:
        raise BadRequest("--from and --learnt belong together.", "Name the adapter, and the rows that it learnt from.")
    if recipe.further is None:
        raise ModelBuildFailed(
            f"The recipe {recipe.name} says nothing of going on from an adapter.",
            "Add a section [further] to models/recipes, or train without --from.",
        )
    parent = read_parent(recipe, adapter)
    wanted = f"train.jsonl and valid.jsonl have the hash {parent.tuning.rows} together"
    check_rows(parent.tuning, learnt, f"Name the folder whose {wanted}: --learnt FOLDER.")
    said = frozenset(map(_said, read_rows(learnt / TRAIN)))
    return Start(parent, said, recipe.further.repeat_one_in)


def going_on(recipe: Recipe) -> Recipe:
    """Return the recipe with the numbers of a further training in the place of the first one's."""
    numbers = training_of(recipe)
    return attrs.evolve(recipe, training=recipe.further.of(numbers) if recipe.further else numbers)


def _said(row: Row) -> str:
    """Return the conversation as a value to compare."""
    return repr(row.messages)
