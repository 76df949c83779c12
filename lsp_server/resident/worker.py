"""The one thread that owns the model: it loads it, steps the most urgent turn, and lets the others wait."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from functools import partial
from itertools import count

import attrs

from lsp_server.engine.base import Chunk, DoneChunk, Job
from lsp_server.errors import EngineUnavailable, InglenookError
from lsp_server.resident.generate import Model, Steps, generate
from lsp_server.shortage import is_shortage, shortage
from lsp_server.wire import EngineState

_LOG = logging.getLogger(__name__)

Loader = Callable[[Callable[[int], None]], Model]
"""Loads the model, telling its progress from 0 to 100; it runs in the model's thread."""

Sink = Callable[[Chunk | InglenookError], None]
"""Takes a turn's chunks; the last is a DoneChunk or an error. Called from the model's thread; must not raise."""


@attrs.define(eq=False)
class Ticket:
    """A turn that waits or runs."""

    job: Job
    sink: Sink
    order: tuple[int, int]
    submitted: float
    steps: Steps | None = None
    started: float = 0.0
    cancelled: bool = False

    def cancel(self) -> None:
        """Stop the turn before its next step; safe from any thread and at any time."""
        self.cancelled = True


@attrs.frozen
class WorkerState:
    """What the thread is doing."""

    state: EngineState
    percent: int | None = None
    queued: int = 0
    error: InglenookError | None = None


class _Stopped(Exception):
    """The thread was told to stop while it was loading."""


class Worker:
    """Runs turns one step at a time, the most urgent first, first come first served among equals."""

    def __init__(self, load: Loader, on_state: Callable[[WorkerState], None]) -> None:
        self._load = load
        self._on_state = on_state
        self._tickets: list[Ticket] = []
        self._changed = threading.Condition()
        self._stopping = False
        self._numbers = count()
        self._loaded_at: float | None = None
        self._announced: WorkerState | None = None
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self.model: Model | None = None
        self.failure: InglenookError | None = None
        """Why the thread has ended, where it was not told to."""

    def start(self) -> None:
        """Begin to load."""
        self._thread.start()

    def submit(self, job: Job, sink: Sink) -> Ticket:
        """Queue a turn; its chunks go to `sink`."""
        ticket = Ticket(job, sink, (job.priority, next(self._numbers)), time.perf_counter())
        with self._changed:
            failure = self.failure
            if failure is None:
                self._tickets.append(ticket)
                self._changed.notify()
        if failure is not None:
            sink(failure)
        return ticket

    def stop(self) -> None:
        """Stop within the step that runs, or the layer that is being loaded, and wait for the thread to end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    # -- the thread

    def _run(self) -> None:
        try:
            self._progress(0)
            model = self.model = self._load(self._progress)
        except _Stopped:
            return
        except InglenookError as error:
            self._fail(error)
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, everyone who waits must hear of it
            _LOG.exception("The model could not be loaded")
            lost = EngineUnavailable(f"The model could not be loaded: {error}")
            self._fail(shortage("the model was loaded") if is_shortage(error) else lost)
            return
        self._loaded_at = time.perf_counter()
        try:
            self._serve(model)
        except Exception as error:  # noqa: BLE001 - likewise
            _LOG.exception("The model's thread failed")
            self._fail(InglenookError(f"The model's thread failed: {type(error).__name__}: {error}"))
        for ticket in self._tickets:
            _close(ticket)
        self._tickets.clear()
        model.cache.clear()
        model.backend.close()

    def _progress(self, percent: int) -> None:
        if self._stopping:
            raise _Stopped
        self._on_state(WorkerState("loading", percent=percent))

    def _serve(self, model: Model) -> None:
        self._announce()
        while (ticket := self._next()) is not None:
            self._announce()
            self._step(model, ticket)

    def _next(self) -> Ticket | None:
        with self._changed:
            while not self._tickets and not self._stopping:
                self._changed.wait()
            if self._stopping:
                return None
            return min(self._tickets, key=lambda ticket: (not ticket.cancelled, ticket.order))

    def _goes_on(self, ticket: Ticket) -> bool:
        """Whether to finish a chunk of this turn: it is still wanted, and nothing is more urgent."""
        with self._changed:
            urgent = any(other.order < ticket.order and not other.cancelled for other in self._tickets)
            return not (ticket.cancelled or urgent or self._stopping)

    def _step(self, model: Model, ticket: Ticket) -> None:
        if ticket.cancelled:
            self._finish(ticket)
            return
        try:
            if ticket.steps is None:
                ticket.started = time.perf_counter()
                ticket.steps = generate(model, ticket.job, partial(self._goes_on, ticket))
            chunk = next(ticket.steps, None)
        except InglenookError as error:
            self._finish(ticket, error)
        except Exception as error:  # noqa: BLE001 - one bad turn must not end the thread
            _LOG.exception("A turn failed")
            self._finish(ticket, _failure(model, error))
        else:
            if isinstance(chunk, DoneChunk):
                self._finish(ticket, self._with_waits(ticket, chunk))
            elif chunk is not None:
                ticket.sink(chunk)

    def _finish(self, ticket: Ticket, last: Chunk | InglenookError | None = None) -> None:
        """Free the model, then say so; whoever hears the last of a turn finds the model free."""
        _close(ticket)
        with self._changed:
            self._tickets.remove(ticket)
        self._announce()
        if last is not None:
            ticket.sink(last)

    def _announce(self) -> None:
        """Tell what changed; only the thread does, so that no older state comes after a newer one."""
        waiting = len(self._tickets)
        state = WorkerState("busy", queued=waiting - 1) if waiting else WorkerState("ready")
        if state != self._announced:
            self._announced = state
            self._on_state(state)

    def _with_waits(self, ticket: Ticket, chunk: DoneChunk) -> DoneChunk:
        loaded = max(self._loaded_at or 0.0, ticket.submitted)
        timing = attrs.evolve(
            chunk.timing, load_seconds=loaded - ticket.submitted, queue_seconds=max(0.0, ticket.started - loaded)
        )
        return attrs.evolve(chunk, timing=timing)

    def _fail(self, error: InglenookError) -> None:
        error = InglenookError.from_wire(error.to_wire())  # a copy, whose frames do not keep the weights in memory
        with self._changed:
            self.failure = error
            waiting, self._tickets = self._tickets, []
        self._on_state(WorkerState("failed", error=error))
        for ticket in waiting:
            _close(ticket)
            ticket.sink(error)


def _failure(model: Model, error: Exception) -> InglenookError:
    """Return what is told of a turn that failed; after a want of memory the next one finds more of it."""
    if is_shortage(error):
        model.cache.clear()
        return shortage("the model was answering")
    return InglenookError(f"The model failed: {type(error).__name__}: {error}")


def _close(ticket: Ticket) -> None:
    if ticket.steps is not None:
        ticket.steps.close()
