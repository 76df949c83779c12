"""`python -m models train | fuse | quantize | bench | all | data`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lsp_server.errors import InglenookError
from lsp_server.settings import DEFAULT_RECIPE
from models.display import shown
from models.progress import Watch
from models.recipe import Recipe, load_recipe

_INTERRUPTED = 130
_ADAPTERS = Path(__file__).parent / "adapters"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a failure is one sentence and what to do about it."""
    words = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    arguments = parser.parse_args(words)
    try:
        arguments.run(arguments)
    except InglenookError as error:
        sys.stderr.write(f"{error.sentence}\n{error.hint}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; what is finished is kept.\n")
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models", description="Make a model, step by step.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    train = _command(commands, "train", _train, "train the recipe's adapter, going on where the last leg stopped")
    train.add_argument("--fresh", action="store_true", help="begin anew")
    train.add_argument("--steps", type=int, default=0, metavar="N", help="end this leg after so many steps")
    train.add_argument("--data", type=Path, metavar="FOLDER", help="where train.jsonl and valid.jsonl lie")
    train.add_argument("--adapter", type=Path, metavar="FOLDER", help="where the adapter is written to")
    return parser


def _command(
    commands: Any,
    name: str,
    run: Callable[[argparse.Namespace], None],
    summary: str,
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=f"{summary}.")
    parser.add_argument("--recipe", default=DEFAULT_RECIPE, metavar="NAME", help=f"by default {DEFAULT_RECIPE}")
    parser.add_argument("--base", type=Path, metavar="PATH", help="a local copy of the base weights")
    parser.set_defaults(run=run)
    return parser


def adapter_folder(recipe: Recipe) -> Path:
    """Return where a recipe's adapter is written to."""
    return _ADAPTERS / recipe.name


def _train(arguments: argparse.Namespace) -> None:
    from models.training.inputs import DATA  # noqa: PLC0415 - heavy; each command enters its own room
    from models.training.train import Options, train  # noqa: PLC0415 - likewise

    recipe = load_recipe(arguments.recipe)
    with shown(sys.stderr) as listener:
        options = Options(
            adapter=arguments.adapter or adapter_folder(recipe),
            data=arguments.data or DATA,
            base=arguments.base,
            fresh=arguments.fresh,
            most_steps=arguments.steps,
            watch=Watch(listener),
        )
        train(recipe, options)
