"""`make bench-model`: ask every configuration every question, print the tables, and keep them in models/results/.

`python -m models.bench.model --configs base fused-8bit --sets seed structural --limit 10` asks less and keeps no
tables. Answers are kept whatever happens: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import cattrs

from lsp_server.errors import InglenookError
from lsp_server.settings import DEFAULT_RECIPE
from models.adapter import PROVENANCE, Provenance, adapter_path
from models.bench.model import report
from models.bench.model.asking import Desk, own_runtime
from models.bench.model.configurations import NAMES, Configuration, endpoint, made, resident
from models.bench.model.kept import kept
from models.bench.model.questions import SETS, Question, SetName, questions, some
from models.bench.model.summary import summarise
from models.bench.model.workspaces import workspace
from models.recipe import Recipe, load_recipe

_RESULTS = Path(__file__).parents[2] / "results"


def main(argv: Sequence[str] | None = None) -> int:
    """Ask what was not asked yet, and report on everything that was asked for."""
    arguments = _arguments(argv)
    try:
        recipe = load_recipe(arguments.recipe)
        sets: Mapping[SetName, Sequence[Question]] = {
            name: some(questions(name), arguments.limit) for name in arguments.sets
        }
        configurations = _configurations(arguments, recipe)
        failures = _ask(configurations, sets, fresh=arguments.fresh)
    except InglenookError as error:
        sys.stderr.write(f"{error.sentence} {error.hint}\n")
        return 1
    shape = recipe.shape
    numbers = 2 * shape.layers * shape.kv_heads * shape.head_size
    answers = kept()
    figures = [summarise(configuration, sets, answers, numbers) for configuration in configurations]
    sys.stdout.write(report.write(figures, _training(recipe), _out(arguments)))
    return 1 if failures else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.bench.model", description="Measure whole answers.")
    parser.add_argument("--recipe", default=DEFAULT_RECIPE, help="whose configurations (%(default)s)")
    parser.add_argument("--configs", nargs="*", choices=NAMES, metavar="NAME", help=f"among {', '.join(NAMES)}")
    parser.add_argument("--folder", nargs="*", default=[], metavar="NAME=PATH", help="take a configuration from there")
    parser.add_argument("--endpoint", metavar="URL", help="measure an OpenAI-compatible server's model, too")
    parser.add_argument("--endpoint-model", default="", metavar="NAME", help="its name there; the first by default")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS, metavar="SET", help=", ".join(SETS))
    parser.add_argument("--limit", type=_positive, metavar="N", help="ask N questions of each set")
    parser.add_argument("--fresh", action="store_true", help="ask again what was answered before")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="keep tables and plots there")
    arguments = parser.parse_args(argv)
    if arguments.configs is None:
        arguments.configs = [] if arguments.endpoint else list(NAMES)
    return arguments


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one question must be asked")
    return number


def _configurations(arguments: argparse.Namespace, recipe: Recipe) -> list[Configuration]:
    given = dict(pair.split("=", 1) for pair in arguments.folder if "=" in pair)
    found = [
        resident(name, Path(given[name]) if name in given else made(name, recipe.name)) for name in arguments.configs
    ]
    if arguments.endpoint:
        found.append(endpoint(arguments.endpoint, arguments.endpoint_model))
    return found


def _ask(
    configurations: Sequence[Configuration], sets: Mapping[SetName, Sequence[Question]], *, fresh: bool
) -> Mapping[str, InglenookError]:
    """Ask all configurations, one after the other, and return what failed."""
    answers = kept()
    if answers.broken:
        _say(f"{answers.broken} lines of earlier answers could not be read; those questions are asked again")
    failures: dict[str, InglenookError] = {}
    everything = [question for asked in sets.values() for question in asked]
    with own_runtime():
        for configuration in configurations:
            _say(configuration.name)
            if fresh:
                answers.forget(configuration.subject)
            desk = Desk(workspace, answers, _say)
            failures |= asyncio.run(desk.ask(configuration, everything)).failures
    return failures


def _training(recipe: Recipe) -> Provenance | None:
    if recipe.adapter is None:
        return None
    try:
        data = json.loads((adapter_path(recipe.adapter) / PROVENANCE).read_text("utf-8"))
        return cattrs.structure(data, Provenance)
    except (OSError, ValueError, cattrs.BaseValidationError):
        return None


def _out(arguments: argparse.Namespace) -> Path | None:
    """Return where the tables go: a whole run's to the results, another one's where it is told to."""
    if arguments.out is not None:
        return arguments.out
    whole = arguments.limit is None and set(arguments.sets) == set(SETS) and set(arguments.configs) == set(NAMES)
    return _RESULTS if whole else None


def _say(what: str) -> None:
    sys.stderr.write(f"measuring: {what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
