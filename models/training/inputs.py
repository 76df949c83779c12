"""What a training reads: the rows, as token ids, and the hashes that say which they are."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import attrs

from lsp_server.agent.prompts import PROMPT_VERSION, system_prompt
from lsp_server.dialects import dialect_named
from lsp_server.errors import ModelBuildFailed
from lsp_server.resident.chat import Chat
from models.data.rows import Encoded, Row, encode, read_rows
from models.recipe import Recipe
from models.training.base import base_key
from models.training.numbers import Training, decisive

Choice = Callable[[Sequence[Row]], Sequence[Row]]
DATA = Path(__file__).parents[1] / "data"
TRAIN, VALID = "train.jsonl", "valid.jsonl"
_KNOWN = "data.json"
"""What is known of the rows, beside them."""
_MAKE = "Run `python -m models data make` to make them anew."


@attrs.frozen
class Inputs:
    """Rows to learn from, rows to measure on, and their hash."""

    train: tuple[Encoded, ...]
    valid: tuple[Encoded, ...]
    digest: str


def training_of(recipe: Recipe) -> Training:
    """Return the recipe's numbers of training.

    Raises:
        ModelBuildFailed: it states none.
    """
    if recipe.training is None:
        raise ModelBuildFailed(
            f"The recipe {recipe.name} says nothing of training.", "Add a section [training] to models/recipes."
        )
    return recipe.training


def numbers_key(recipe: Recipe, start: str = "") -> str:
    """Return a hash of everything that decides what is learnt but the rows: the recipe, and what is gone on from."""
    said = {"base": base_key(recipe), "dialect": recipe.dialect, "training": decisive(training_of(recipe))}
    said |= {"start": start} if start else {}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def data_digest(folder: Path) -> str:
    """Return one hash over both files of rows.

    Raises:
        ModelBuildFailed: one of them is missing.
    """
    running = hashlib.sha256()
    for name in (TRAIN, VALID):
        try:
            running.update(hashlib.sha256((folder / name).read_bytes()).digest())
        except OSError as error:
            raise ModelBuildFailed(f"There are no rows in {folder / name}.", _MAKE) from error
    return running.hexdigest()


def read_inputs(recipe: Recipe, base: Path, folder: Path = DATA, choose: Choice = tuple) -> Inputs:
    """Return the rows below `folder` as the tokens of the model in `base`.

    Args:
        recipe: whose model is trained.
        base: its untuned weights, with the tokenizer.
        folder: of the rows.
        choose: says which of them are learnt from.

    Raises:
        ModelBuildFailed: rows are missing, broken, too long, or were made with other prompts than those in force.
        ModelRefused: the base's tokenizer cannot be read.
    """
    digest = data_digest(folder)
    chat = Chat.of_folder(base, dialect_named(recipe.dialect))
    rows = {name: read_rows(folder / name) for name in (TRAIN, VALID)}
    for name, found in rows.items():
        if not found:
            raise ModelBuildFailed(f"{folder / name} has no rows.", _MAKE)
    check_prompts(rows[TRAIN], folder, recipe)
    longest = training_of(recipe).max_tokens
    chosen = choose(rows[TRAIN]), rows[VALID]
    train, valid = (tuple(_encoded(some, chat, longest)) for some in chosen)
    return Inputs(train, valid, digest)


def _encoded(rows: Iterable[Row], chat: Chat, longest: int) -> Iterable[Encoded]:
    for row in rows:
        found = encode(row, chat)
        if found.total > longest:
            raise ModelBuildFailed(
                f"The row {row.id} has {found.total:,} tokens; the recipe takes rows of {longest:,}.", _MAKE
            )
        yield found


def check_prompts(rows: Iterable[Row], folder: Path, recipe: Recipe) -> None:
    """Refuse rows that teach prompts which no longer serve.

    Raises:
        ModelBuildFailed: they were made with others than those in force.
    """
    current, said = system_prompt(dialect_named(recipe.dialect)), _made_with(folder)
    if said != PROMPT_VERSION or not any(row.messages[0].text == current for row in rows):
        raise ModelBuildFailed(
            f"The rows were made with other prompts ({said}) than those in force ({PROMPT_VERSION}); "
            "what they teach would not serve.",
            _MAKE,
        )


def _made_with(folder: Path) -> str:
    """Return the version of the prompts that the rows were made with; the one in force where nothing is said of it."""
    try:
        said = json.loads((folder / _KNOWN).read_text("utf-8"))
        return str(said["prompt_version"])
    except (OSError, ValueError, KeyError, TypeError):
        return PROMPT_VERSION
