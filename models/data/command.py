"""`python -m models data fetch | make | stats`: brings the code, makes the data, says what is in it."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_server.settings import DEFAULT_RECIPE
from models.progress import Event, Note, Watch

if TYPE_CHECKING:
    from models.data.assemble import Drop

FOLDER = Path(__file__).parent
"""Where the data lies: it is part of the repository."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which arguments there are; `run` takes them."""
    parser.add_argument("what", choices=("fetch", "make", "stats"))
    parser.add_argument("--recipe", default=DEFAULT_RECIPE, metavar="NAME", help="whose tokenizer and dialect count")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="FOLDER", help="where the data lies or is made")
    parser.add_argument("--drops", action="store_true", help="with make: list every example that was dropped")


def run(arguments: argparse.Namespace) -> None:
    """Do what the arguments say.

    Raises:
        InglenookError: it cannot be done; the sentence says why.
    """
    match arguments.what:
        case "fetch":
            _fetch()
        case "make":
            _make(arguments.recipe, arguments.out, each=arguments.drops)
            _print_stats(arguments.recipe, arguments.out)
        case _:
            _print_stats(arguments.recipe, arguments.out)


def _fetch() -> None:
    from models.data.codebases import sources, workspace  # noqa: PLC0415 - a command's help needs none of it

    for each in sources():
        _say(f"{each.pinned.name}: {workspace(each.pinned.name, Watch(_tell))}")


def _make(recipe: str, folder: Path, *, each: bool) -> None:
    import anyio  # noqa: PLC0415 - likewise

    from models.data import assemble  # noqa: PLC0415 - the agent's framework takes a second to import
    from models.data.record import load_chat  # noqa: PLC0415 - likewise

    data = anyio.run(assemble.make, load_chat(recipe), Watch(_tell))
    folder.mkdir(parents=True, exist_ok=True)
    assemble.write(data, folder)
    _print_drops(data.drops, each=each)


def _print_drops(drops: Sequence[Drop], *, each: bool) -> None:
    _say(f"{len(drops)} examples dropped")
    for reason, count in Counter(drop.reason for drop in drops).most_common():
        _say(f"  {count:4} {reason}")
    for drop in drops if each else ():
        _say(f"  {drop.reason}: {drop.kind} {drop.codebase}{' by hand' if drop.by_hand else ''}: {drop.question}")


def _print_stats(recipe: str, folder: Path) -> None:
    from models.data import stats  # noqa: PLC0415 - likewise
    from models.data.record import load_chat  # noqa: PLC0415 - likewise
    from models.data.rows import read_rows  # noqa: PLC0415 - likewise

    chat = load_chat(recipe)
    for split in ("train", "valid"):
        for line in stats.lines(split, read_rows(folder / f"{split}.jsonl"), chat):
            _say(line)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _tell(event: Event) -> None:
    if isinstance(event, Note):
        sys.stderr.write(f"{event.text}\n")
