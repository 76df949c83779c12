"""Explanations of symbols and selections: from the cache, in the background for a hover, or for a person who asks."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio

from lsp_server import user_folders
from lsp_server.agent.base import Explainer, Listener
from lsp_server.agent.device import FAST_SECONDS, on_battery, typical_seconds
from lsp_server.agent.explain_cache import ExplanationCache, entry_key
from lsp_server.agent.failures import Failures
from lsp_server.agent.generation import Generation
from lsp_server.agent.narrator import Narrator
from lsp_server.agent.source import ModelSource
from lsp_server.engine.base import Engine, Priority
from lsp_server.errors import EngineUnavailable, InglenookError
from lsp_server.settings import Settings
from lsp_server.wire import EngineStatus, ExplainResult
from lsp_server.workspace.explaining import ExplainTarget
from lsp_server.workspace.workspace import Workspace

_log = logging.getLogger(__name__)


def create_explainer(settings: Settings, workspace: Workspace, engine: Engine | None) -> Explainer:
    """Return the explainer; `engine` is None exactly when the settings name an endpoint. Reads the disk."""
    return ModelExplainer(settings, workspace, engine)


class ModelExplainer:
    """Decides what is explained when; see `base.Explainer`.

    Of one target at most one explanation is made at a time (`_running`). In the background one is made at a time
    and one more may wait.
    """

    def __init__(  # noqa: PLR0913 - the last are for tests
        self,
        settings: Settings,
        workspace: Workspace,
        engine: Engine | None,
        *,
        folder: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        battery: Callable[[], bool] = on_battery,
    ) -> None:
        """Open the cache in `folder`, by default in the user's."""
        self._on_battery = battery
        self._engine = engine
        self._source = ModelSource(settings, engine)
        self._narrator = Narrator(settings, workspace, self._source)
        self._cache = ExplanationCache(folder or user_folders.cache_root())
        self._failures = Failures(clock)
        self._model = self._source.identity_now()
        """The model's identity when it was last looked up; None while only the server knows it."""
        self._seconds = None if self._model is None else self._cache.seconds(self._model)
        self._running: dict[str, Generation] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: Generation | None = None
        self._ahead: deque[ExplainTarget] = deque()
        self._closed = False
        if engine is not None:
            engine.on_status(self._engine_changed)

    @property
    def fast(self) -> bool | None:
        """See `base.Explainer`."""
        return None if self._seconds is None else self._seconds <= FAST_SECONDS

    def known(self, target: ExplainTarget) -> str | None:
        """Return the words there are, at once."""
        return None if self._model is None else self._cache.get(entry_key(target.key, self._model))

    def begin(self, target: ExplainTarget) -> None:
        """Have an explanation made in the background; see `base.Explainer`."""
        present = self._running.get(target.key)
        if present is not None:
            present.kept = True
            return
        waits = self._waiting is not None and self._waiting.target.key == target.key
        if waits or self._closed or self._failures.holds(target.key) or self.known(target) is not None:
            return
        self._stop_unwanted()
        self._replace_waiting(Generation(target, Priority.BACKGROUND, kept=True))
        self._start_next()

    def prefetch(self, targets: Sequence[ExplainTarget]) -> None:
        """Have these explained while nothing else runs; see `base.Explainer`."""
        self._ahead = deque(targets)
        if not targets:
            self._stop_unwanted()
        self._start_next()

    async def wait(self, target: ExplainTarget, seconds: float) -> str | None:
        """Return the words as soon as they are there; None when the time is over or nothing is being made."""
        words = self.known(target)
        generation = self._running.get(target.key) or self._waiting_for(target)
        if words is None and generation is not None and seconds > 0:
            with anyio.move_on_after(seconds):
                await generation.over.wait()
            words = self.known(target)
        return words

    async def explain(self, target: ExplainTarget, *, refresh: bool = False, listener: Listener) -> ExplainResult:
        """Return an explanation that a person asked for; see `base.Explainer`."""
        if not refresh and (words := self.known(target)) is not None:
            return await self._narrator.repeat(target, words, self._source.name, listener)
        self._ahead.clear()
        generation = self._running.get(target.key) or self._urgent(target, refresh=refresh)
        generation.join(listener)
        try:
            await generation.over.wait()
        finally:
            generation.leave(listener)
            self._stop_unwanted()
        if generation.result is not None:
            return generation.result
        raise generation.error or EngineUnavailable("The explanation was stopped.", "Ask for it again.")

    async def aclose(self) -> None:
        """Stop what runs and let go of files and connections."""
        self._closed = True
        self._ahead.clear()
        self._replace_waiting(None)
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self._source.aclose()
        await self._cache.aclose()

    # -- what runs when

    def _urgent(self, target: ExplainTarget, *, refresh: bool) -> Generation:
        """Start an explanation for a person: the one that waits of the same target, or a new one."""
        generation = self._waiting_for(target)
        if generation is None:
            generation = Generation(target, Priority.EXPLANATION, refresh)
        else:
            self._waiting = None
            generation.priority, generation.refresh = Priority.EXPLANATION, refresh
        self._stop_unwanted()
        self._start(generation)
        return generation

    def _waiting_for(self, target: ExplainTarget) -> Generation | None:
        waiting = self._waiting
        return waiting if waiting is not None and waiting.target.key == target.key else None

    def _replace_waiting(self, newer: Generation | None) -> None:
        older, self._waiting = self._waiting, newer
        if older is not None:
            older.over.set()

    def _start_next(self) -> None:
        """Start what waits, or one more ahead of time, unless something of ours runs in the background."""
        if self._is_unloaded():
            self._replace_waiting(None)
        running = self._running.values()
        if self._closed or any(generation.priority is Priority.BACKGROUND for generation in running):
            return
        if self._waiting is not None:
            generation, self._waiting = self._waiting, None
            self._start(generation)
        elif not running and (self._engine is None or self._engine.status().state == "ready"):
            self._start_ahead()

    def _is_unloaded(self) -> bool:
        """Say whether the model has left memory: what nobody asked for does not bring it back."""
        return self._engine is not None and self._engine.status().state == "unloaded"

    def _start_ahead(self) -> None:
        if self._ahead and self._on_battery():
            self._ahead.clear()
        while self._ahead:
            target = self._ahead.popleft()
            if not self._failures.holds(target.key) and self.known(target) is None:
                self._start(Generation(target, Priority.BACKGROUND))
                return

    def _start(self, generation: Generation) -> None:
        self._running[generation.target.key] = generation
        generation.task = asyncio.create_task(self._run(generation))
        self._tasks.add(generation.task)
        generation.task.add_done_callback(lambda task: self._ended(generation, task))

    def _stop_unwanted(self) -> None:
        """Stop what nobody wants any more, or nobody wanted yet; the same content can be begun anew at once."""
        for key, generation in list(self._running.items()):
            if not generation.wanted and generation.task is not None:
                del self._running[key]
                generation.task.cancel()

    def _engine_changed(self, status: EngineStatus) -> None:
        if status.queued:  # someone waits, in this window or another
            self.prefetch(())
        self._start_next()

    # -- one explanation

    async def _run(self, generation: Generation) -> None:
        try:
            generation.result = await self._make(generation)
        except InglenookError as error:
            generation.error = error
        except Exception as error:  # noqa: BLE001 - told to whoever waits
            _log.exception("An explanation failed")
            generation.error = InglenookError(f"The explanation failed: {type(error).__name__}: {error}")
        if generation.error is None:
            self._failures.forget()
        else:
            self._failures.note(generation.target.key, generation.error)

    def _ended(self, generation: Generation, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._running.get(generation.target.key) is generation:
            del self._running[generation.target.key]
        generation.over.set()
        self._start_next()

    async def _make(self, generation: Generation) -> ExplainResult:
        target = generation.target
        model = await self._source.identity()
        if model != self._model:
            self._model, self._seconds = model, self._cache.seconds(model)
        key = entry_key(target.key, model)
        words = self._cache.get(key)
        if words is not None and not generation.refresh:
            return await self._narrator.repeat(target, words, self._source.name, generation)
        result = await self._narrator.tell(target, generation.priority, generation, again=words is not None)
        await self._cache.put(key, result.markdown)
        await self._measure(model, result)
        return result

    async def _measure(self, model: str, result: ExplainResult) -> None:
        seconds = typical_seconds(result.trace.timing, self._seconds)
        if seconds is not None:
            self._seconds = seconds
            await self._cache.note_seconds(model, seconds)
