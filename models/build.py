"""From a recipe to a model folder: fetch, import, fuse, quantise, dress, probe, publish."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import attrs

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import ModelRefused
from lsp_server.modelstore import ModelFolder, models_root
from lsp_server.own_programs import module_command
from lsp_server.user_folders import data_root
from models import folder as folders
from models.adapter import Tuning, check_applies, check_suits, pinned_tuning
from models.fetch import fetch_base, forget, local_base
from models.folder import Content
from models.guard import alone, clear, disk_told, unfinished
from models.memory import shortage_told
from models.plan import check, check_free, make_plan
from models.progress import Note, Step, Watch
from models.recipe import Recipe, load_recipe

Verify = Callable[[Path], None]
"""Raises ModelRefused where the folder is not fit to serve."""


@attrs.frozen
class Options:
    """How a build is made."""

    base: Path | None = None
    """A local copy of the base weights."""
    keep_base: bool = False
    """Keep what was downloaded; otherwise it goes once the model is whole, for it would double the disk it takes."""
    watch: Watch = attrs.field(factory=Watch)
    verify: Verify = attrs.field(factory=lambda: probe_apart)


def build(name: str, options: Options | None = None) -> Path:
    """Make the model of recipe `name`, unless it stands and is intact; return its folder.

    Raises:
        BadRequest: there is no such recipe.
        MachineTooSmall: the machine cannot hold it; nothing was fetched.
        ModelBuildFailed: the adapter does not fit, or a download, a conversion, memory or the disk failed; nothing
            looks finished.
        ModelRefused: it was made and the probe says no; it is deleted.
        BuildCancelled: the caller withdrew.
    """
    options = options or Options()
    recipe = load_recipe(name)
    tuning = pinned_tuning(recipe)
    if tuning is not None:
        check_suits(tuning, recipe)
    final = models_root() / name
    with disk_told(final), alone(final, options.watch):
        folders.recover(final)
        found = folders.existing(final, recipe)
        if found is not None and not folders.is_intact(found):
            options.watch.tell(Note(f"The files of {name} are not those that were made; it is made again."))
            found = None
        if found is not None and folders.is_current(found, recipe, _prompts(tuning)):
            if options.base is not None:
                options.watch.tell(Note(f"{name} is built already; `inglenook model remove` makes way for another."))
            return final
        _make(_Build(recipe, tuning, final, options), found)
    return final


def is_current(name: str) -> bool:
    """Return whether the model of recipe `name` stands and is the one that `build` would make.

    Raises:
        BadRequest: there is no such recipe.
        ModelBuildFailed: its adapter cannot be read.
    """
    return stands(load_recipe(name))


def stands(recipe: Recipe) -> bool:
    """Return whether the model of `recipe` stands, as `is_current` does."""
    found = folders.existing(models_root() / recipe.name, recipe)
    return found is not None and folders.is_current(found, recipe, _prompts(pinned_tuning(recipe)))


@attrs.frozen
class _Build:
    """One build: what is made, of what, where, and how."""

    recipe: Recipe
    tuning: Tuning | None
    final: Path
    options: Options


def _prompts(tuning: Tuning | None) -> str:
    return tuning.prompt_version if tuning else ""


def _make(build: _Build, found: ModelFolder | None) -> None:
    """Make the folder beside its place, and move it there once it is whole and was probed."""
    recipe, options = build.recipe, build.options
    downloads = data_root() / "downloads" / recipe.name
    if build.tuning is not None:
        check_applies(build.tuning, recipe)
    with unfinished(build.final) as partial:
        if found is not None:
            folders.link_weights(found, partial)
            origin = found.manifest.base
        else:
            with shortage_told("making the weights"):
                origin = _weights(build, partial, downloads)
        options.watch.tell(Step("write", "hashes and manifest", 0, 1, "steps"))
        folders.dress(partial, recipe, Content(origin, recipe.quantisation.bits, _prompts(build.tuning)))
        options.watch.tell(Step("write", "hashes and manifest", 1, 1, "steps"))
        options.watch.tell(Step("verify", "the probe", 0, 1, "steps"))
        options.verify(partial)
        options.watch.tell(Step("verify", "the probe", 1, 1, "steps"))
        folders.publish(partial, build.final)
    if not options.keep_base:
        forget(downloads)


def _weights(build: _Build, partial: Path, downloads: Path) -> str:
    """Fetch, fuse and convert the weights into `partial`; return where the base came from."""
    recipe, options, watch = build.recipe, build.options, build.options.watch
    local = options.base or local_base()
    plan = make_plan(recipe, models_root(), local=local is not None)
    check(plan)
    check_free(plan)
    base = fetch_base(recipe, downloads, watch, local)
    from models.quantize import quantize  # noqa: PLC0415 - heavy, and needless where nothing is made

    source, floats = base.path, partial.with_name(f"{partial.name}-floats")
    clear(floats)  # of a build that was killed
    try:
        if source.is_file():
            from models.gguf import import_gguf  # noqa: PLC0415 - likewise

            import_gguf(source, floats, recipe.shape, watch)
            source = floats
        adapter = build.tuning.folder if build.tuning else None
        quantize(source, partial, recipe.quantisation, recipe.shape, watch, adapter)
    finally:
        clear(floats)
    return base.origin


def probe_apart(path: Path) -> None:
    """Probe the model at `path` in a process of its own, so that its memory is given back.

    Raises:
        ModelRefused: the probe says no, or could not be run.
    """
    command = module_command("lsp_server.resident.probe", str(path), "--prompt-version", PROMPT_VERSION)
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode == 0:
        return
    lines = (done.stdout if done.stdout.strip() else done.stderr).strip().splitlines()
    reason = lines[-1] if lines else f"the probe ended with status {done.returncode}"
    if done.returncode == -signal.SIGKILL:  # the system's way of taking memory back
        raise ModelRefused(
            "The model was built and the system ended its probe, most likely for want of memory.",
            "Close other programs and build again, or choose a smaller recipe: `inglenook model list`.",
        )
    with contextlib.suppress(ValueError, TypeError, KeyError):
        reason = str(json.loads(reason)["reason"])
    raise ModelRefused(
        f"The model was built and the probe refused it: {reason.rstrip('.')}.",
        "Choose another recipe (`inglenook model list`), or run `inglenook doctor`.",
    )
