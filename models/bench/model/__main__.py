"""`make bench-model`: ask every configuration every question, print the tables, and keep them in models/results/.

`python -m models.bench.model --configs base fused-8bit --sets seed structural --limit 10` asks less and keeps no
tables. Answers are kept whatever happens: a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lsp_server.editor_side import RequestCancelled
from lsp_server.errors import InglenookError, ModelBuildFailed
from lsp_server.settings import DEFAULT_RECIPE
from models.adapter import Provenance, Tuning, chosen_tuning, read_provenance
from models.bench.model import report
from models.bench.model.asking import Desk, own_runtime
from models.bench.model.configurations import NAMES, Configuration, endpoint, made, resident
from models.bench.model.kept import ANSWERS, Kept, kept
from models.bench.model.questions import SETS, Question, SetName, questions, some
from models.bench.model.summary import Figures, answered_by_all, summarise
from models.bench.model.targets import COMPARED
from models.bench.model.workspaces import workspace
from models.display import shown
from models.forms import Making, forms_root
from models.progress import Watch
from models.recipe import Recipe, load_recipe

_RESULTS = Path(__file__).parents[2] / "results"
_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Ask what was not asked yet, and report on everything that was asked for."""
    arguments = _arguments(argv)
    try:
        recipe = load_recipe(arguments.recipe)
        sets: Mapping[SetName, Sequence[Question]] = {
            name: some(questions(name), arguments.limit) for name in arguments.sets
        }
        tuning = chosen_tuning(recipe, arguments.adapter)
        configurations = _configurations(arguments, recipe, tuning)
        answers = kept(_results(arguments.recipe) / ANSWERS)
        failures: Mapping[str, Exception] = {}
        if not arguments.kept:
            failures = _ask(configurations, sets, answers, fresh=arguments.fresh)
    except InglenookError as error:
        sys.stderr.write(f"{error.sentence} {error.hint}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; what was answered is kept.\n")
        return _INTERRUPTED
    figures = [summarise(each, sets, answers, _kv_numbers(each, recipe)) for each in configurations]

    def alike(some: Sequence[Configuration]) -> list[Figures]:
        shared = answered_by_all(some, sets, answers)
        return [summarise(each, shared, answers, _kv_numbers(each, recipe)) for each in some] if shared else []

    pair = alike([each for each in configurations if each.name in COMPARED])
    out = _out(arguments, recipe, tuning)
    sys.stdout.write(report.write(figures, _training(tuning), out, alike=alike(configurations), pair=pair))
    if out is not None:
        answers.write(out / ANSWERS, [each.subject for each in configurations])
    return 1 if failures else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m models.bench.model", description="Measure whole answers.")
    parser.add_argument("--recipe", default=DEFAULT_RECIPE, help="whose configurations (%(default)s)")
    parser.add_argument("--configs", nargs="*", choices=NAMES, metavar="NAME", help=f"among {', '.join(NAMES)}")
    parser.add_argument(
        "--folder", nargs="*", type=_pair, default=[], metavar="NAME=PATH", help="take a configuration from there"
    )
    parser.add_argument("--base", type=Path, metavar="PATH", help="a local copy of the base weights")
    parser.add_argument("--adapter", type=Path, metavar="FOLDER", help="another adapter than the recipe's")
    parser.add_argument("--endpoint", metavar="URL", help="measure an OpenAI-compatible server's model, too")
    parser.add_argument("--endpoint-model", default="", metavar="NAME", help="its name there; the first by default")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=SETS, metavar="SET", help=", ".join(SETS))
    parser.add_argument("--limit", type=_positive, metavar="N", help="ask N questions of each set")
    parser.add_argument("--fresh", action="store_true", help="ask again what was answered before")
    parser.add_argument("--kept", action="store_true", help="ask nothing: report on what was answered before")
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


def _pair(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=PATH")
    return name, Path(path)


def _configurations(arguments: argparse.Namespace, recipe: Recipe, tuning: Tuning | None) -> list[Configuration]:
    """Return what is asked; of forms that no folder was given for, those that do not stand yet are made."""
    folders: dict[str, Path] = dict(arguments.folder)
    with shown(sys.stderr) as listener:
        making = Making(recipe, tuning, forms_root(recipe.name), arguments.base, Watch(listener))
        folders |= made([name for name in arguments.configs if name not in folders], making)
    found = [resident(name, folders[name]) for name in arguments.configs]
    if arguments.endpoint:
        found.append(endpoint(arguments.endpoint, arguments.endpoint_model))
    return found


def _ask(
    configurations: Sequence[Configuration],
    sets: Mapping[SetName, Sequence[Question]],
    answers: Kept,
    *,
    fresh: bool,
) -> Mapping[str, Exception]:
    """Ask all configurations, one after the other, and return what failed: questions, or all of a configuration."""
    if answers.broken:
        _say(f"{answers.broken} lines of earlier answers could not be read; those questions are asked again")
    failures: dict[str, Exception] = {}
    everything = [question for asked in sets.values() for question in asked]
    with own_runtime():
        for configuration in configurations:
            _say(configuration.name)
            if fresh:
                answers.forget(configuration.subject, [question.key for question in everything])
            desk = Desk(workspace, answers, _say)
            try:
                failures |= asyncio.run(desk.ask(configuration, everything)).failures
            except InglenookError as error:  # the others can be measured all the same
                failures[configuration.name] = error
                _say(f"{configuration.name}: {error.sentence} {error.hint}")
            except (OSError, RequestCancelled) as error:  # such as no memory for another process
                failures[configuration.name] = error
                _say(f"{configuration.name}: {error}")
    return failures


def _kv_numbers(configuration: Configuration, recipe: Recipe) -> int:
    """Return how many numbers the keys and values of a token are; 0 for a model of another recipe or shape unknown."""
    if configuration.folder is None or configuration.folder.manifest.recipe != recipe.name:
        return 0
    return 2 * recipe.shape.layers * recipe.shape.kv_heads * recipe.shape.head_size


def _training(tuning: Tuning | None) -> Provenance | None:
    if tuning is None:
        return None
    try:
        return read_provenance(tuning.folder)
    except ModelBuildFailed:
        return None


def _out(arguments: argparse.Namespace, recipe: Recipe, tuning: Tuning | None) -> Path | None:
    """Return where the tables go: a whole run's to the results of its recipe, another one's where it is told to.

    A run over another adapter than the one that ships is none of the recipe's.
    """
    if arguments.out is not None:
        return arguments.out
    if recipe.adapter and tuning and tuning.digest != recipe.adapter.sha256:
        return None
    whole = arguments.limit is None and set(arguments.sets) == set(SETS) and set(arguments.configs) == set(NAMES)
    if not whole:
        return None
    return _results(arguments.recipe)


def _results(recipe: str) -> Path:
    """Return where the results of a recipe are kept."""
    return _RESULTS if recipe == DEFAULT_RECIPE else _RESULTS / recipe


def _say(what: str) -> None:
    sys.stderr.write(f"measuring: {what}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
