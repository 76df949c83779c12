"""`python -m models data | train | average | fuse | quantize | bench | all`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from lsp_server.errors import InglenookError
from lsp_server.settings import DEFAULT_RECIPE
from models.adapter import Tuning, adapter_folder, chosen_tuning, read_tuning
from models.data import command as data_command
from models.display import shown
from models.progress import Watch
from models.recipe import Recipe, load_recipe

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a failure is one sentence and what to do about it."""
    parser = _parser()
    arguments, rest = parser.parse_known_args(argv)
    if rest and arguments.run is not _bench:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        return (_rehearse if arguments.dry_run else arguments.run)(arguments) or 0
    except InglenookError as error:
        sys.stderr.write(f"{error.sentence}\n{error.hint}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; what is finished is kept.\n")
        return _INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m models", description="Make a model, step by step.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    data = _command(commands, "data", data_command.run, "bring the code, make the training data, say what is in it")
    data_command.add_arguments(data)
    train = _recipes(commands, "train", _train, "train the recipe's adapter, going on where the last leg stopped")
    _add_training(train)
    for name, run, summary in (
        ("fuse", _fuse, "make base and adapter one model of float16 weights"),
        ("quantize", _quantize, "make the fused model one of 8 bits, and one of 4 to compare"),
        ("all", _all, "train where there is no adapter, make every form of the model, and measure them"),
    ):
        command = _recipes(commands, name, run, summary)
        command.add_argument("--out", type=Path, metavar="FOLDER", help="where the forms lie")
        if name == "all":
            command.add_argument("--train", action="store_true", help="train even where there is an adapter")
            _add_training(command)
    average = _recipes(commands, "average", _average, "make one adapter of several, their mean")
    average.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="the adapters")
    average.add_argument("--data", type=Path, metavar="FOLDER", help="where train.jsonl and valid.jsonl lie")
    bench = _recipes(commands, "bench", _bench, "measure whole answers; further options go to the measuring")
    bench.epilog = "Further options: `python -m models.bench.model --help`."
    return parser


def _command(commands: Any, name: str, run: Callable[..., int | None], summary: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=f"{summary}.", allow_abbrev=False)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and what is lacking; do nothing")
    parser.set_defaults(run=run)
    return parser


def _recipes(commands: Any, name: str, run: Callable[..., int | None], summary: str) -> argparse.ArgumentParser:
    """Add a command that works on one recipe's model."""
    parser = _command(commands, name, run, summary)
    parser.add_argument("--recipe", default=DEFAULT_RECIPE, metavar="NAME", help=f"by default {DEFAULT_RECIPE}")
    parser.add_argument("--base", type=Path, metavar="PATH", help="a local copy of the base weights")
    parser.add_argument("--adapter", type=Path, metavar="FOLDER", help="where the adapter is, or is written to")
    return parser


def _add_training(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--fresh", action="store_true", help="begin the training anew")
    parser.add_argument("--steps", type=_steps, default=0, metavar="N", help="end this leg after so many steps")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="where train.jsonl and valid.jsonl lie")
    parser.add_argument("--from", dest="start", type=Path, metavar="FOLDER", help="an adapter to go on learning from")
    parser.add_argument("--learnt", type=Path, metavar="FOLDER", help="the rows that it has learnt from")


def _steps(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("a leg has at least one step")
    return number


def _train(arguments: argparse.Namespace) -> None:
    _trained(load_recipe(arguments.recipe), arguments)


def _trained(recipe: Recipe, arguments: argparse.Namespace) -> Tuning | None:
    """Train, and return the adapter; None where the training was stopped before its end."""
    from models.training.further import started  # noqa: PLC0415 - heavy; each command enters its own room
    from models.training.inputs import DATA  # noqa: PLC0415 - likewise
    from models.training.train import Options, train  # noqa: PLC0415 - likewise

    folder = arguments.adapter or adapter_folder(recipe)
    with shown(sys.stderr) as listener:
        options = Options(
            adapter=folder,
            data=arguments.data or DATA,
            base=arguments.base,
            fresh=arguments.fresh,
            most_steps=arguments.steps,
            watch=Watch(listener),
        )
        outcome = train(recipe, options, started(recipe, arguments.start, arguments.learnt))
    if not outcome.finished:
        return None
    tuning = read_tuning(folder, recipe)
    _pin_told(tuning)
    return tuning


def _average(arguments: argparse.Namespace) -> None:
    from models.training.average import average  # noqa: PLC0415 - as above
    from models.training.inputs import DATA  # noqa: PLC0415 - as above
    from models.training.train import Options  # noqa: PLC0415 - as above

    recipe = load_recipe(arguments.recipe)
    folder = arguments.adapter or adapter_folder(recipe)
    with shown(sys.stderr) as listener:
        options = Options(folder, arguments.data or DATA, arguments.base, watch=Watch(listener))
        average(recipe, arguments.folders, options)
    _pin_told(read_tuning(folder, recipe))


def _fuse(arguments: argparse.Namespace) -> None:
    recipe = load_recipe(arguments.recipe)
    tuning = chosen_tuning(recipe, arguments.adapter)
    _made(recipe, tuning, arguments)
    if tuning is not None and recipe.adapter is None:
        _pin_told(tuning)


def _quantize(arguments: argparse.Namespace) -> None:
    recipe = load_recipe(arguments.recipe)
    _made(recipe, chosen_tuning(recipe, arguments.adapter), arguments)


def _all(arguments: argparse.Namespace) -> int:
    recipe = load_recipe(arguments.recipe)
    trains = arguments.train or arguments.start or arguments.learnt
    tuning = None if trains else chosen_tuning(recipe, arguments.adapter)
    if tuning is None:
        tuning = _trained(recipe, arguments)
        if tuning is None:
            return 1
    else:
        sys.stderr.write(f"Taking the adapter in {tuning.folder}, of {tuning.steps} steps.\n")
    folders = _made(recipe, tuning, arguments)
    placed = ["--folder", *(f"{folder.name}={folder}" for folder in folders)]
    return _measured(arguments, tuning.folder, placed)


def _made(recipe: Recipe, tuning: Tuning | None, arguments: argparse.Namespace) -> Sequence[Path]:
    """Make the forms that the command makes, print their folders, and return them."""
    from models.forms import MAKES, Making, forms_root, make_forms  # noqa: PLC0415 - as above

    with shown(sys.stderr) as listener:
        making = Making(recipe, tuning, arguments.out or forms_root(recipe.name), arguments.base, Watch(listener))
        folders = make_forms(making, MAKES[arguments.command])
    for folder in folders:
        sys.stdout.write(f"{folder}\n")
    return folders


def _bench(arguments: argparse.Namespace) -> int:
    return _measured(arguments, arguments.adapter, ["--base", str(arguments.base)] if arguments.base else [])


def _measured(arguments: argparse.Namespace, adapter: Path | None, options: Sequence[str]) -> int:
    """Measure the forms of an adapter, by default the recipe's."""
    from models.bench.model.__main__ import main as measure  # noqa: PLC0415 - as above

    named = ["--adapter", str(adapter)] if adapter is not None else []
    return measure(["--recipe", arguments.recipe, *named, *options, *arguments.rest])


def _rehearse(arguments: argparse.Namespace) -> int:
    """Say what the command would do; 1 where something is lacking."""
    from models import rehearsal  # noqa: PLC0415 - as above
    from models.forms import forms_root  # noqa: PLC0415 - as above

    if arguments.command == "data":
        found = rehearsal.rehearse_data()
    else:
        recipe = load_recipe(arguments.recipe)
        given = {
            name: getattr(arguments, name)
            for name in ("base", "adapter", "data", "train", "folders", "start", "learnt")
            if getattr(arguments, name, None)
        }
        out = getattr(arguments, "out", None) or forms_root(recipe.name)
        found = rehearsal.rehearse(rehearsal.Asked(arguments.command, recipe, out, **given))
    sys.stdout.write(f"{found.text()}\n")
    return 1 if found.faults else 0


def _pin_told(tuning: Tuning) -> None:
    """Print what a recipe says of this adapter once it ships with it."""
    workshop = Path(__file__).parent.resolve()
    folder = tuning.folder.resolve()
    path = folder.relative_to(workshop) if folder.is_relative_to(workshop) else folder
    sys.stdout.write(f'[adapter]\npath = "{path}"\nsha256 = "{tuning.digest}"\n')
