"""`inglenook/model`: what is there, what a recipe needs, building, choosing, letting go, removing.

The server itself never downloads: a build is the command line's, in a process of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import attrs

from lsp_server import modelstore
from lsp_server.errors import BadRequest, InglenookError, ModelBuildFailed
from lsp_server.lsp.command_line import run_command_line
from lsp_server.lsp.failures import Cancelled
from lsp_server.lsp.progress import WorkDone, work_done
from lsp_server.wire import ModelInfo, ModelParams, ModelResult

if TYPE_CHECKING:
    from lsp_server.lsp.language_server import InglenookServer


async def model(ls: InglenookServer, params: ModelParams) -> ModelResult:
    """Do what is asked with the models, and return what is there afterwards."""
    plan: str | None = None
    match params.action:
        case "list":
            pass
        case "plan":
            plan = str((await _last_line(ls, "plan", "--recipe", _recipe(params))).get("plan", ""))
        case "build":
            await _build(ls, params)
        case "use":
            await anyio.to_thread.run_sync(partial(modelstore.use, _recipe(params)))
            ls.session.renew()
        case "unload":
            await ls.session.unload()
        case "remove":
            await _remove(ls, _recipe(params))
    return await _result(ls, params.recipe, plan)


def _recipe(params: ModelParams) -> str:
    if not params.recipe:
        raise BadRequest(f"The action `{params.action}` needs a recipe.", "`inglenook model list` names the recipes.")
    return params.recipe


async def _last_line(ls: InglenookServer, *arguments: str) -> Mapping[str, Any]:
    """Return what an action of `inglenook model` prints as JSON.

    Raises:
        InglenookError: the failure that it told.
    """
    last: Mapping[str, Any] = {}
    async with aclosing(run_command_line(ls.command_line, "model", *arguments, "--json")) as lines:
        async for line in lines:
            last = line
    _raise_failure(last)
    return last


async def _build(ls: InglenookServer, params: ModelParams) -> None:
    recipe = params.recipe or modelstore.chosen_recipe(ls.session.settings)
    with (
        anyio.CancelScope() as scope,
        work_done(ls, f"Build {recipe}", token=params.work_done_token, cancel=scope.cancel) as progress,
    ):
        failure: Mapping[str, Any] = {}
        build = ("model", "build", "--recipe", recipe, "--json-progress")
        async with aclosing(run_command_line(ls.command_line, *build)) as lines:
            async for line in lines:
                failure = line if "error" in line else failure
                _report(progress, line)
        _raise_failure(failure)
        ls.session.renew()
        return
    raise Cancelled


def _report(progress: WorkDone, line: Mapping[str, Any]) -> None:
    done, total = line.get("done"), line.get("total")
    percent = int(100 * done / total) if isinstance(done, int | float) and isinstance(total, int) and total else None
    message = line.get("label") or line.get("text")
    if message:
        progress.report(str(message), percent)


def _raise_failure(line: Mapping[str, Any]) -> None:
    error = line.get("error")
    if isinstance(error, Mapping):
        raise InglenookError.from_wire({str(key): str(value) for key, value in error.items()})  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    if error:
        raise ModelBuildFailed(str(error))


async def _remove(ls: InglenookServer, recipe: str) -> None:
    """Delete a model; one that is being served leaves memory first."""
    served = recipe == modelstore.chosen_recipe(ls.session.settings)
    if served:
        await ls.session.unload()
    if not await anyio.to_thread.run_sync(partial(modelstore.remove, recipe)):
        raise BadRequest(f"There is no model of the recipe {recipe} on disk.")
    if served:
        ls.session.renew()


async def _result(ls: InglenookServer, recipe: str | None, plan: str | None) -> ModelResult:
    """Return what is on disk and what could be built; recipes are the workshop's, so the command line lists them."""
    told = await _last_line(ls, "list")
    models = tuple(ModelInfo(**info) for info in told["models"])
    if plan is not None:
        models = tuple(attrs.evolve(info, plan=plan) if info.recipe == recipe else info for info in models)
    settings = ls.session.settings
    return ModelResult(models, settings.endpoint or modelstore.chosen_recipe(settings))
