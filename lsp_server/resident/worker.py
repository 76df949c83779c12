"""The one thread that owns the model: it loads it, steps the most urgent turn, and lets the others wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import count

import attrs

from lsp_server.engine.base import Chunk, DoneChunk, Job
from lsp_server.errors import EngineUnavailable, InglenookError
from lsp_server.resident.generate import Model, Steps, generate
from lsp_server.wire import EngineState

Loader = Callable[[Callable[[int], None]], Model]
"""Loads the model, telling its progress from 0 to 100; it runs in the model's thread."""

Sink = Callable[[Chunk | InglenookError], None]
"""Takes a turn's chunks; the last is a DoneChunk or an error. Called from the model's thread."""


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
        self._failure: InglenookError | None = None
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)
        self.model: Model | None = None

    def start(self) -> None:
        """Begin to load."""
        self._thread.start()

    def submit(self, job: Job, sink: Sink) -> Ticket:
        """Queue a turn; its chunks go to `sink`."""
        ticket = Ticket(job, sink, (job.priority, next(self._numbers)), time.perf_counter())
        with self._changed:
            failure = self._failure
            if failure is None:
                self._tickets.append(ticket)
                self._changed.notify()
        if failure is not None:
            sink(failure)
        return ticket

    def stop(self) -> None:
        """Stop after the step that runs, and wait for the thread to end."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join()

    # -- the thread

    def _run(self) -> None:
        try:
            self._on_state(WorkerState("loading", percent=0))
            self.model = self._load(lambda percent: self._on_state(WorkerState("loading", percent=percent)))
        except InglenookError as error:
            self._fail(error)
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, everyone who waits must hear of it
            self._fail(EngineUnavailable(f"The model could not be loaded: {error}"))
            return
        self._loaded_at = time.perf_counter()
        self._on_state(WorkerState("ready"))
        while (ticket := self._next()) is not None:
            self._step(self.model, ticket)
        self._tickets.clear()
        self.model.cache.clear()
        self.model.backend.close()

    def _next(self) -> Ticket | None:
        with self._changed:
            while not self._tickets and not self._stopping:
                self._changed.wait()
            return None if self._stopping else min(self._tickets, key=lambda ticket: ticket.order)

    def _step(self, model: Model, ticket: Ticket) -> None:
        if ticket.cancelled:
            self._finish(ticket)
            return
        try:
            if ticket.steps is None:
                ticket.started = time.perf_counter()
                ticket.steps = generate(model, ticket.job)
                self._announce()
            chunk = next(ticket.steps, None)
            if isinstance(chunk, DoneChunk):
                self._finish(ticket)
                ticket.sink(self._with_waits(ticket, chunk))
            elif chunk is not None:
                ticket.sink(chunk)
        except InglenookError as error:
            self._finish(ticket)
            ticket.sink(error)
        except Exception as error:  # noqa: BLE001 - one bad turn must not end the thread
            self._finish(ticket)
            ticket.sink(InglenookError(f"The model failed: {type(error).__name__}: {error}"))

    def _finish(self, ticket: Ticket) -> None:
        if ticket.steps is not None:
            ticket.steps.close()
        with self._changed:
            self._tickets.remove(ticket)
        self._announce()

    def _announce(self) -> None:
        waiting = len(self._tickets)
        self._on_state(WorkerState("busy", queued=waiting - 1) if waiting else WorkerState("ready"))

    def _with_waits(self, ticket: Ticket, chunk: DoneChunk) -> DoneChunk:
        loaded = max(self._loaded_at or 0.0, ticket.submitted)
        timing = attrs.evolve(
            chunk.timing, load_seconds=loaded - ticket.submitted, queue_seconds=max(0.0, ticket.started - loaded)
        )
        return attrs.evolve(chunk, timing=timing)

    def _fail(self, error: InglenookError) -> None:
        with self._changed:
            self._failure = error
            waiting, self._tickets = self._tickets, []
        self._on_state(WorkerState("failed", error=error))
        for ticket in waiting:
            ticket.sink(error)
