"""The one thread that owns the model."""

import queue

import pytest
from support.scripted_backend import scripted_model

from lsp_server.engine.base import DoneChunk, Job, Message, Priority, Sampling, TextChunk
from lsp_server.errors import EngineUnavailable, InglenookError, ModelRefused
from lsp_server.resident.worker import Worker

SECONDS = 20


class Inbox:
    """Collects what a turn's sink is told, across threads."""

    def __init__(self):
        self.items = queue.Queue()

    def until(self, kind):
        while True:
            item = self.items.get(timeout=SECONDS)
            if isinstance(item, kind):
                return item


@pytest.fixture
def states():
    return queue.Queue()


@pytest.fixture
def worker(states):
    model = scripted_model(lambda prompt: "long " * 10_000 if "long" in prompt else "short", seconds_per_token=0.001)
    made = Worker(lambda _: model, states.put)
    made.start()
    yield made
    made.stop()
    assert model.backend.closed


def ask(text, priority=Priority.QUESTION):
    return Job((Message("user", text),), priority=priority, sampling=Sampling(max_tokens=100_000))


def test_a_question_interrupts_background_work_at_its_next_token(worker):
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


def test_equal_questions_are_served_in_order(worker):
    """First come, first served; the second one's wait is reported as such."""
    first, second = Inbox(), Inbox()
    order = []
    worker.submit(ask("a"), lambda item: (order.append("a"), first.items.put(item)))
    worker.submit(ask("b"), lambda item: (order.append("b"), second.items.put(item)))
    first.until(DoneChunk)
    second.until(DoneChunk)
    assert order == sorted(order)


def test_a_cancelled_turn_stops_and_the_state_says_ready(worker, states):
    """After a cancel the thread is free again."""
    inbox = Inbox()
    ticket = worker.submit(ask("long"), inbox.items.put)
    inbox.until(TextChunk)
    ticket.cancel()
    while states.get(timeout=SECONDS).state != "busy":
        pass
    while states.get(timeout=SECONDS).state != "ready":
        pass


def test_cancelling_before_the_start_is_no_failure(worker):
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
    ("failure", "kind"), [(ModelRefused("No.", ""), ModelRefused), (ValueError("boom"), EngineUnavailable)]
)
def test_a_model_that_cannot_be_loaded_fails_everyone_with_the_reason(states, failure, kind):
    """Those who wait and those who come later hear the same sentence."""

    def load(progress):
        raise failure

    worker = Worker(load, states.put)
    early, late = Inbox(), Inbox()
    worker.submit(ask("a"), early.items.put)
    worker.start()
    assert isinstance(early.until(InglenookError), kind)
    worker.submit(ask("b"), late.items.put)
    assert str(failure) in late.until(InglenookError).sentence
    worker.stop()


def test_a_turn_that_fails_leaves_the_thread_running(worker, monkeypatch):
    """One bad step is one failed request."""
    inbox = Inbox()
    worker.submit(ask("hello"), inbox.items.put)
    inbox.until(DoneChunk)
    with monkeypatch.context() as patch:
        patch.setattr(worker.model.backend, "step", lambda *_: 1 / 0)
        worker.submit(ask("other"), inbox.items.put)
        assert "ZeroDivisionError" in inbox.until(InglenookError).sentence
    worker.submit(ask("hello"), inbox.items.put)
    assert inbox.until(DoneChunk).reason == "stop"
