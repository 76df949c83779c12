"""The finished folder: the dialect's chat template, the manifest, and the step that makes it visible."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from lsp_server.dialects import dialect_named
from lsp_server.errors import ModelMissing, ModelRefused
from lsp_server.modelstore import MANIFEST, Manifest, ModelFolder, open_folder
from models.download import file_digest
from models.guard import sync
from models.made_with import made_with
from models.recipe import Recipe

_CONVERTER = 1
"""Raise it when the same base would become other weights; folders of an older one are made again."""
_TEMPLATE = "chat_template.jinja"
_TOKENIZER_CONFIG = "tokenizer_config.json"


@attrs.frozen
class Content:
    """What a folder holds, where its recipe alone does not say it."""

    origin: str
    """Where the base weights came from, for a person."""
    bits: int
    """Of a weight, on the disk."""
    prompt_version: str = ""
    """The prompts that it was tuned for; empty for an untuned model."""
    form: str = ""
    """Which of the recipe's measured forms it is; empty for the recipe's own model."""


def weights_key(recipe: Recipe, form: str = "") -> str:
    """Return a hash of all that decides the weights: equal keys need no new download.

    Of an adapter its content counts, not its place.
    """
    base = recipe.base
    decisive = {
        "converter": _CONVERTER,
        "base": base.sha256 or attrs.asdict(base.hub),
        "shape": attrs.asdict(recipe.shape),
        "quantisation": attrs.asdict(recipe.quantisation),
        "adapter": recipe.adapter.sha256 if recipe.adapter else None,
    }
    if form:
        decisive["form"] = form
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def existing(path: Path, recipe: Recipe, form: str = "") -> ModelFolder | None:
    """Return the folder at `path` if its weights are those that `recipe` would make in this form."""
    try:
        folder = open_folder(path)
    except (ModelMissing, ModelRefused):
        return None
    return folder if folder.manifest.weights_key == weights_key(recipe, form) else None


def is_intact(folder: ModelFolder) -> bool:
    """Whether every file is, byte for byte, the one that was made; reads all of them."""
    return all(file_digest(folder.path / name) == digest for name, digest in folder.manifest.hashes.items())


_SAID_OF_THE_MODEL = ("title", "licence", "dialect", "first_call", "after_rows", "context_tokens")


def is_current(folder: ModelFolder, recipe: Recipe, prompt_version: str = "") -> bool:
    """Whether what surrounds the weights is what `recipe`, its dialect and its adapter say today."""
    manifest = folder.manifest
    if manifest.prompt_version != prompt_version:
        return False
    same = all(getattr(manifest, name) == getattr(recipe, name) for name in _SAID_OF_THE_MODEL)
    template = hashlib.sha256(_template(recipe).encode()).hexdigest()
    return same and manifest.hashes.get(_TEMPLATE) == template


def link_weights(folder: ModelFolder, partial: Path) -> None:
    """Begin `partial` with the files of `folder`, sharing what is large instead of copying it."""
    partial.mkdir(parents=True)
    for name in folder.manifest.sizes:
        if name.endswith(".safetensors"):
            os.link(folder.path / name, partial / name)
        else:
            shutil.copyfile(folder.path / name, partial / name)


def dress(partial: Path, recipe: Recipe, content: Content) -> Manifest:
    """Write the chat template and then the manifest into `partial`, and see all of it on the disk."""
    (partial / _TEMPLATE).write_text(_template(recipe), "utf-8")
    _drop_own_template(partial / _TOKENIZER_CONFIG)
    files = sorted(path for path in partial.iterdir() if path.name != MANIFEST)
    manifest = Manifest(
        recipe=recipe.name,
        title=recipe.title,
        licence=recipe.licence,
        dialect=recipe.dialect,
        first_call=recipe.first_call,
        after_rows=recipe.after_rows,
        context_tokens=recipe.context_tokens,
        bits=content.bits,
        base=content.origin,
        hashes={path.name: file_digest(path) for path in files},
        sizes={path.name: path.stat().st_size for path in files},
        weights_key=weights_key(recipe, content.form),
        versions=made_with(),
        prompt_version=content.prompt_version,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    for path in files:
        sync(path)
    (partial / MANIFEST).write_text(manifest.to_json(), "utf-8")
    sync(partial / MANIFEST)
    sync(partial)
    return manifest


def publish(partial: Path, final: Path) -> None:
    """Give a whole folder its name, in place of what stands there."""
    old = final.with_name(f".old-{final.name}")
    shutil.rmtree(old, ignore_errors=True)
    if final.exists():
        final.rename(old)
    partial.rename(final)
    sync(final.parent)
    shutil.rmtree(old, ignore_errors=True)


def recover(final: Path) -> None:
    """Undo a `publish` that was cut short between its two renames."""
    old = final.with_name(f".old-{final.name}")
    if old.exists() and not final.exists():
        old.rename(final)


def _template(recipe: Recipe) -> str:
    return dialect_named(recipe.dialect).chat_template()


def _drop_own_template(config: Path) -> None:
    """Take out a template that the base's tokenizer brought, so that the folder holds one."""
    said: dict[str, Any] = json.loads(config.read_text("utf-8"))
    if said.pop("chat_template", None) is not None:
        config.write_text(json.dumps(said, indent=2, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
