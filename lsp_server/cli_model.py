"""`inglenook model build | plan | list | use | remove`."""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import attrs

from lsp_server import modelstore
from lsp_server.errors import InglenookError
from lsp_server.settings import Settings
from lsp_server.wire import ModelInfo

_INTERRUPTED, _TERMINATED = 130, 143


def add_parser(subparsers: Any) -> None:
    """Add the command `model` to the subparsers of the `inglenook` command."""
    parser: argparse.ArgumentParser = subparsers.add_parser("model", help="build, list, choose and remove models")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    build = _action(actions, "build", _build, "make a model folder from a recipe; instant where it stands")
    build.add_argument("--base", type=Path, metavar="PATH", help="a local copy of the base weights")
    build.add_argument("--keep-base", action="store_true", help="keep the downloaded base weights")
    build.add_argument("--json-progress", action="store_true", help="write progress to stdout, one JSON object a line")
    _action(actions, "plan", _plan, "say what a recipe needs of this machine; fetch nothing")
    _action(actions, "list", _list, "list recipes and the models on disk")
    _action(actions, "use", _use, "serve this recipe's model where no setting names another")
    _action(actions, "remove", _remove, "delete this recipe's model")


def _action(actions: Any, name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = actions.add_parser(name, help=summary, description=f"{summary}.")
    parser.add_argument("--json", action="store_true", help="write the result to stdout as one JSON object")
    if name != "list":
        needed = name in {"use", "remove"}
        parser.add_argument("--recipe", metavar="NAME", required=needed, help="see `inglenook model list`")
    parser.set_defaults(run=partial(_guarded, run))
    return parser


def _guarded(run: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Run an action and tell its failures, as JSON where JSON was asked for."""
    try:
        if arguments.action in {"build", "plan"}:
            arguments.recipe = arguments.recipe or modelstore.chosen_recipe(Settings())
        return run(arguments)
    except InglenookError as error:
        if arguments.json or getattr(arguments, "json_progress", False):
            _print_json({"error": error.to_wire()})
        else:
            sys.stderr.write(f"{error.sentence}\n{error.hint}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; what was downloaded is kept, and nothing looks finished that is not.\n")
        return _INTERRUPTED


def _build(arguments: argparse.Namespace) -> int:
    from models.build import Options, build  # noqa: PLC0415 - the workshop is heavy; only building enters it
    from models.display import json_lines, shown  # noqa: PLC0415 - likewise
    from models.progress import Watch  # noqa: PLC0415 - likewise

    signal.signal(signal.SIGTERM, _terminate)
    options = Options(base=arguments.base, keep_base=arguments.keep_base)
    if arguments.json_progress:
        path = build(arguments.recipe, attrs.evolve(options, watch=Watch(json_lines(sys.stdout))))
    else:
        with shown(sys.stderr) as listener:
            path = build(arguments.recipe, attrs.evolve(options, watch=Watch(listener)))
    if arguments.json or arguments.json_progress:
        _print_json({"recipe": arguments.recipe, "path": str(path)})
    else:
        sys.stdout.write(f"{path}\n")
    return 0


def _terminate(_number: int, _frame: FrameType | None) -> None:
    """End as an interrupt does, so that half-made folders are cleared away."""
    raise SystemExit(_TERMINATED)


def _plan(arguments: argparse.Namespace) -> int:
    from models.folder import existing  # noqa: PLC0415 - as above
    from models.plan import make_plan  # noqa: PLC0415 - as above
    from models.recipe import load_recipe  # noqa: PLC0415 - as above

    recipe, root = load_recipe(arguments.recipe), modelstore.models_root()
    plan = make_plan(recipe, root, made=existing(root / recipe.name, recipe) is not None)
    if arguments.json:
        _print_json(
            {
                "recipe": arguments.recipe,
                "fits": not plan.refusals,
                "refusals": plan.refusals,
                "needs": attrs.asdict(plan.needs),
                "machine": attrs.asdict(plan.machine),
                "plan": plan.text(),
            }
        )
    else:
        sys.stdout.write(f"{plan.text()}\n")
    return 1 if plan.refusals else 0


def _list(arguments: argparse.Namespace) -> int:
    current = modelstore.chosen_recipe(Settings())
    infos = _known_models()
    if arguments.json:
        _print_json({"models": [attrs.asdict(info) for info in infos], "current": current})
        return 0
    for info in infos:
        mark = "*" if info.recipe == current else " "
        size = f"{(info.bytes_on_disk or 0) / 1e6:,.0f} MB" if info.built else "not built"
        note = " (of an earlier version: build it again)" if info.outdated else ""
        sys.stdout.write(f"{mark} {info.recipe:<22} {size:>10}  {info.title}{note}\n")
    return 0


def _known_models() -> list[ModelInfo]:
    """Return what is on disk and, besides, the recipes that are not built."""
    from models.build import is_current  # noqa: PLC0415 - as above
    from models.recipe import load_recipe, recipe_names  # noqa: PLC0415 - as above

    infos = {info.recipe: info for info in modelstore.list_models()}
    for name in recipe_names():
        if name not in infos or not infos[name].built:
            infos[name] = ModelInfo(recipe=name, title=load_recipe(name).title, built=False)
        else:
            with contextlib.suppress(InglenookError):  # an adapter that cannot be read is told when it is needed
                infos[name] = attrs.evolve(infos[name], outdated=not is_current(name))
    return [infos[name] for name in sorted(infos)]


def _use(arguments: argparse.Namespace) -> int:
    folder = modelstore.use(arguments.recipe)
    if arguments.json:
        _print_json({"recipe": arguments.recipe, "path": str(folder.path)})
    else:
        sys.stdout.write(f"{arguments.recipe} is served from now on.\n")
    return 0


def _remove(arguments: argparse.Namespace) -> int:
    removed = modelstore.remove(arguments.recipe)
    if arguments.json:
        _print_json({"recipe": arguments.recipe, "removed": removed})
    else:
        sys.stdout.write(f"{arguments.recipe} {'was removed' if removed else 'was not there'}.\n")
    return 0


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
