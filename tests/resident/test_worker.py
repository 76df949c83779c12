"""The one thread that owns the model."""

import queue
import threading
import time
from collections.abc import Callable, Generator, Sequence
from typing import NoReturn, TypeVar

import pytest

from lsp_server.engine.base import Chunk, DoneChunk, Job, Message, Priority, Sampling, TextChunk
from lsp_server.errors import EngineUnavailable, InglenookError, MachineTooSmall, ModelRefused
from lsp_server.resident.backend import GoOn, Interrupted
from lsp_server.resident.generate import Model
from lsp_server.resident.worker import Sink, Worker, WorkerState
from lsp_server.wire import EngineState
from support.scripted_backend import ScriptedBackend, ScriptedState, device_of, scripted_model

SECONDS = 20
T = TypeVar("T")
States = queue.Queue[WorkerState]


class Inbox:
    """Collects what a turn's sink is told, across threads."""

    def __init__(self) -> None:
        self.items: queue.Queue[Chunk | InglenookError] = queue.Queue()

    def until(self, kind: type[T]) -> T:
        while True:
            item = self.items.get(timeout=SECONDS)
            if isinstance(item, kind):
                return item


@pytest.fixture
def states() -> States:
    return queue.Queue()


@pytest.fixture
def worker(states: States) -> Generator[Worker]:
    model = scripted_model(lambda prompt: "long " * 10_000 if "long" in prompt else "short", seconds_per_token=0.001)
    made = Worker(lambda _: model, states.put)
    made.start()
    yield made
    made.stop()
    assert device_of(model).closed


def until(states: States, state: EngineState, queued: int) -> WorkerState:
    """Wait until the worker says so."""
    while (told := states.get(timeout=SECONDS)) != WorkerState(state, queued=queued):
        pass
    return told


def fail(*_: object) -> NoReturn:
    """Stand for a device that fails."""
    raise ZeroDivisionError


def run_out(*_: object) -> NoReturn:
    """Stand for a device without memory, in mlx's words."""
    raise RuntimeError("[malloc] Unable to allocate 8589934592 bytes.")


def ask(text: str, priority: Priority = Priority.QUESTION) -> Job:
    return Job((Message("user", text),), priority=priority, sampling=Sampling(max_tokens=100_000))


def test_a_question_interrupts_background_work_at_its_next_token(worker: Worker) -> None:
    """The question is answered while the background turn is still under way, and that one goes on afterwards."""
    slow, quick = Inbox(), Inbox()
    ticket = worker.submit(ask("long", Priority.BACKGROUND), slow.items.put)
    slow.until(TextChunk)
    worker.submit(ask("hello"), quick.items.put)
    assert quick.until(DoneChunk).reason == "stop"
    while not slow.items.empty():
        assert not isinstance(slow.items.get(), DoneChunk)
    slow.until(TextChunk)
    ticket.cancel()


@pytest.fixture
def in_chunk(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set once a device computes its first prefill chunk, which ends only when it is told to stop."""
    entered, prefill = threading.Event(), ScriptedBackend.prefill

    def endless(
        device: ScriptedBackend, state: ScriptedState, tokens: Sequence[int], go_on: GoOn | None = None
    ) -> None:
        if entered.is_set():
            prefill(device, state, tokens, go_on)
            return
        entered.set()
        while go_on is None or go_on():
            time.sleep(0.001)  # computes
        raise Interrupted

    monkeypatch.setattr(ScriptedBackend, "prefill", endless)
    return entered


def test_a_question_interrupts_a_chunk_of_background_work(worker: Worker, in_chunk: threading.Event) -> None:
    """The question does not wait for the chunk, which is computed afterwards."""
    slow, quick = Inbox(), Inbox()
    worker.submit(ask("explain this", Priority.BACKGROUND), slow.items.put)
    assert in_chunk.wait(SECONDS)
    worker.submit(ask("hello"), quick.items.put)
    assert quick.until(DoneChunk).reason == "stop"
    assert slow.until(DoneChunk).reason == "stop"


def test_a_cancelled_turn_stops_within_its_chunk(worker: Worker, in_chunk: threading.Event, states: States) -> None:
    """Nothing waits for the end of a chunk whose turn nobody wants."""
    ticket = worker.submit(ask("explain this"), Inbox().items.put)
    assert in_chunk.wait(SECONDS)
    ticket.cancel()
    while states.get(timeout=SECONDS).state != "busy":
        pass
    assert until(states, "ready", 0)


def test_a_worker_that_is_stopped_waits_for_no_chunk(worker: Worker, in_chunk: threading.Event) -> None:
    """The end of the process comes in the middle of a chunk."""
    worker.submit(ask("explain this"), Inbox().items.put)
    assert in_chunk.wait(SECONDS)
    worker.stop()


def test_equal_questions_are_served_in_order(worker: Worker) -> None:
    """First come, first served; the second one's wait is reported as such."""
    first, second = Inbox(), Inbox()
    order: list[str] = []

    def noting(name: str, inbox: Inbox) -> Sink:
        def sink(item: Chunk | InglenookError) -> None:
            order.append(name)
            inbox.items.put(item)

        return sink

    worker.submit(ask("a"), noting("a", first))
    worker.submit(ask("b"), noting("b", second))
    first.until(DoneChunk)
    second.until(DoneChunk)
    assert order == sorted(order)


def test_a_cancelled_turn_stops_and_the_state_says_ready(worker: Worker, states: States) -> None:
    """After a cancel the thread is free again."""
    inbox = Inbox()
    ticket = worker.submit(ask("long"), inbox.items.put)
    inbox.until(TextChunk)
    ticket.cancel()
    while states.get(timeout=SECONDS).state != "busy":
        pass
    while states.get(timeout=SECONDS).state != "ready":
        pass


def test_cancelling_before_the_start_is_no_failure(worker: Worker) -> None:
    """A turn that never ran is dropped in silence."""
    busy = Inbox()
    running = worker.submit(ask("long"), busy.items.put)
    busy.until(TextChunk)
    waiting = Inbox()
    worker.submit(ask("hello"), waiting.items.put).cancel()
    running.cancel()
    after = Inbox()
    worker.submit(ask("hello"), after.items.put)
    after.until(DoneChunk)
    assert waiting.items.empty()


@pytest.mark.parametrize(
    ("failure", "kind", "told"),
    [
        (ModelRefused("No.", ""), ModelRefused, "No."),
        (ValueError("boom"), EngineUnavailable, "could not be loaded: boom"),
        (MemoryError("std::bad_alloc"), MachineTooSmall, "Memory ran out while the model was loaded."),
    ],
)
def test_a_model_that_cannot_be_loaded_fails_everyone_with_the_reason(
    states: States, failure: Exception, kind: type[InglenookError], told: str
) -> None:
    """Those who wait and those who come later hear the same sentence."""

    def load(progress: Callable[[int], None]) -> Model:
        raise failure

    worker = Worker(load, states.put)
    early, late = Inbox(), Inbox()
    worker.submit(ask("a"), early.items.put)
    worker.start()
    assert isinstance(early.until(InglenookError), kind)
    worker.submit(ask("b"), late.items.put)
    assert told in late.until(InglenookError).sentence
    worker.stop()


def test_a_turn_that_fails_leaves_the_thread_running(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    """One bad step is one failed request."""
    inbox = Inbox()
    worker.submit(ask("hello"), inbox.items.put)
    inbox.until(DoneChunk)
    with monkeypatch.context() as patch:
        assert worker.model is not None
        patch.setattr(worker.model.backend, "step", fail)
        worker.submit(ask("other"), inbox.items.put)
        assert "ZeroDivisionError" in inbox.until(InglenookError).sentence
    worker.submit(ask("hello"), inbox.items.put)
    assert inbox.until(DoneChunk).reason == "stop"


def test_a_turn_without_memory_is_told_so_and_frees_what_is_held(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What earlier conversations held is there for the next turn."""
    inbox = Inbox()
    worker.submit(ask("hello"), inbox.items.put)
    inbox.until(DoneChunk)
    assert worker.model is not None
    assert worker.model.cache.nbytes() > 0
    with monkeypatch.context() as patch:
        patch.setattr(worker.model.backend, "step", run_out)
        worker.submit(ask("other"), inbox.items.put)
        failed = inbox.until(InglenookError)
    assert (type(failed), failed.sentence) == (MachineTooSmall, "Memory ran out while the model was answering.")
    assert worker.model.cache.nbytes() == 0
    worker.submit(ask("hello"), inbox.items.put)
    assert inbox.until(DoneChunk).timing.cached_tokens == 0


def test_what_waits_is_announced_when_it_comes_and_when_it_goes(worker: Worker, states: States) -> None:
    """Watchers see how many wait while a turn runs, and a turn that was cancelled in the queue no longer counts."""
    inbox = Inbox()
    running = worker.submit(ask("long"), inbox.items.put)
    inbox.until(TextChunk)
    waiting = worker.submit(ask("hello"), inbox.items.put)
    assert until(states, "busy", queued=1)
    waiting.cancel()
    assert until(states, "busy", queued=0)
    running.cancel()
    assert until(states, "ready", queued=0)


def test_stopping_while_the_model_loads_ends_the_load(states: States) -> None:
    """A load that takes minutes is given up at its next sign of progress."""
    began = threading.Event()
    given_up: list[bool] = []

    def load(progress: Callable[[int], None]) -> Model:
        began.set()
        try:
            while True:
                progress(1)
        except BaseException:
            given_up.append(True)
            raise

    worker = Worker(load, states.put)
    worker.start()
    assert began.wait(SECONDS)
    worker.stop()
    assert given_up == [True]
    assert worker.model is None
    assert worker.failure is None


def test_a_listener_that_fails_ends_the_thread_with_a_reason(states: States) -> None:
    """Whatever ends the thread is told to all who wait and all who come later; nobody waits for ever."""

    def tell(state: WorkerState) -> None:
        states.put(state)
        if state.state == "busy":
            raise RuntimeError("no one there")

    worker = Worker(lambda _: scripted_model(lambda _: "x"), tell)
    worker.start()
    inbox = Inbox()
    worker.submit(ask("hello"), inbox.items.put)
    assert "no one there" in inbox.until(InglenookError).sentence
    worker.submit(ask("hello"), inbox.items.put)
    inbox.until(InglenookError)
    worker.stop()


def test_a_refusal_keeps_no_frames_of_the_load(states: States) -> None:
    """The error that is told on has lost its traceback, which would hold the weights in memory."""

    def load(_: Callable[[int], None]) -> Model:
        raise ModelRefused("No.", "Hint.")

    worker = Worker(load, states.put)
    worker.start()
    inbox = Inbox()
    worker.submit(ask("hello"), inbox.items.put)
    inbox.until(ModelRefused)
    worker.stop()
    assert isinstance(worker.failure, ModelRefused)
    assert (worker.failure.sentence, worker.failure.hint, worker.failure.__traceback__) == ("No.", "Hint.", None)
