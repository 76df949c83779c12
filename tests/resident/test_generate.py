"""One turn of the generation loop, over a scripted device."""

from typing import NoReturn

import pytest

from lsp_server.engine.base import Chunk, DoneChunk, Job, Message, PrefillChunk, Sampling, TextChunk
from lsp_server.errors import QuestionTooLong
from lsp_server.resident.generate import Model, generate
from support.scripted_backend import device_of, scripted_model

LONG = Message("system", "Be brief. " * 30)


def job(*messages: Message, sampling: Sampling = Sampling()) -> Job:  # noqa: B008 - frozen
    return Job((LONG, *messages), sampling=sampling)


def run(model: Model, asked: Job) -> list[Chunk]:
    return [chunk for chunk in generate(model, asked) if chunk is not None]


def text_of(chunks: list[Chunk]) -> str:
    return "".join(chunk.text for chunk in chunks if isinstance(chunk, TextChunk))


def done_of(chunks: list[Chunk]) -> DoneChunk:
    assert isinstance(chunks[-1], DoneChunk)
    return chunks[-1]


def test_the_second_turn_begins_with_the_whole_of_the_first() -> None:
    """Turn 2's ids begin with turn 1's prompt and the very ids that were generated; only the rest is computed."""
    model = scripted_model(lambda prompt: "first" if "go on" not in prompt else "second")
    question = Message("user", "start")
    first = done_of(run(model, job(question)))
    follow_up = (question, Message("assistant", "first", token_ids=first.token_ids), Message("user", "go on"))
    prompt = model.chat.encode((LONG, *follow_up))
    assert prompt[: first.timing.prompt_tokens] == model.chat.encode((LONG, question))
    assert tuple(prompt[first.timing.prompt_tokens :][: len(first.token_ids)]) == first.token_ids
    second = done_of(run(model, job(*follow_up)))
    # everything but the end-of-turn id, which was chosen and never stepped over
    assert second.timing.cached_tokens == first.timing.prompt_tokens + len(first.token_ids) - 1


def test_closing_in_prefill_keeps_exactly_the_chunks_that_were_computed() -> None:
    """A turn stopped after its first chunk leaves that chunk in the cache, and nothing else."""
    model = scripted_model(lambda _: "x")
    steps = generate(model, job(Message("user", "start")))
    first = next(steps)
    assert isinstance(first, PrefillChunk)
    steps.close()
    assert first.done == sum(device_of(model).steps)
    assert done_of(run(model, job(Message("user", "start")))).timing.cached_tokens == first.done


def test_closing_in_decode_keeps_the_tokens_that_were_stepped_over() -> None:
    """A turn stopped in mid-word leaves the prompt and the tokens up to the last one computed."""
    model = scripted_model(lambda _: "abcdefgh" * 10)
    steps = generate(model, job(Message("user", "start"), sampling=Sampling(max_tokens=100)))
    shown = ""
    while len(shown) < 5:
        chunk = next(steps)
        shown += chunk.text if isinstance(chunk, TextChunk) else ""
    steps.close()
    again = done_of(run(model, job(Message("user", "start"), sampling=Sampling(max_tokens=100))))
    assert again.timing.cached_tokens == again.timing.prompt_tokens - 1
    held = model.cache._held[-1]  # pyright: ignore[reportPrivateUsage]
    assert held.tokens == held.state.tokens


def test_an_interrupted_chunk_is_computed_again_and_nothing_else() -> None:
    """Told to stop in the middle of a chunk, a turn yields with the state as it was, and then says the same."""
    question = job(Message("user", "start"))
    plain = scripted_model(lambda _: "what is said")
    said = text_of(run(plain, question))
    model = scripted_model(lambda _: "what is said")
    tokens = len(model.chat.encode(question.messages))
    answers = iter([True] * 20 + [False] + [True] * (tokens - 19) + [False])
    chunks = list(generate(model, question, lambda: next(answers, True)))
    done = [chunk.done for chunk in chunks if isinstance(chunk, PrefillChunk)]
    assert chunks[: len(done) + 2].count(None) == 2
    assert done == sorted(set(done))
    assert text_of([chunk for chunk in chunks if chunk is not None]) == said
    (held,) = model.cache._held  # pyright: ignore[reportPrivateUsage]
    assert held.tokens == held.state.tokens
    assert sum(device_of(model).steps) == sum(device_of(plain).steps)


def test_a_step_that_fails_leaves_no_half_known_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the device fails, the state it was working on is forgotten."""
    model = scripted_model(lambda _: "abc")

    def fail(*_: object) -> NoReturn:
        raise ZeroDivisionError

    monkeypatch.setattr(model.backend, "step", fail)
    with pytest.raises(ZeroDivisionError):
        run(model, job(Message("user", "start")))
    assert model.cache.nbytes() == 0


def test_max_tokens_ends_a_turn() -> None:
    """The limit counts tokens and is named as the reason; the replayed ids are still closed."""
    model = scripted_model(lambda _: "abcdefgh")
    chunks = run(model, job(Message("user", "?"), sampling=Sampling(max_tokens=3)))
    assert (text_of(chunks), done_of(chunks).reason) == ("abc", "length")
    assert done_of(chunks).token_ids[-1] == model.chat.turn_end


def test_stop_sequences_end_a_turn_and_the_replayed_ids_hold_what_was_shown() -> None:
    """The text ends before the sequence, and so does what later prompts repeat."""
    model = scripted_model(lambda _: "one two three")
    chunks = run(model, job(Message("user", "?"), sampling=Sampling(stop_sequences=("two",))))
    assert (text_of(chunks), done_of(chunks).reason) == ("one ", "stop")
    assert b"".join(map(model.chat.token_bytes, done_of(chunks).token_ids[:-1])) == b"one "


def test_a_seed_repeats_a_draw_and_temperature_varies_it() -> None:
    """The same seed gives the same tokens, another seed others, and temperature 0 needs none."""
    model = scripted_model(lambda _: "abcdefghijkl" * 3)

    def ids(temperature: float = 0.0, seed: int | None = None) -> tuple[int, ...]:
        sampling = Sampling(max_tokens=20, temperature=temperature, seed=seed)
        return done_of(run(model, job(Message("user", "?"), sampling=sampling))).token_ids

    assert ids(2.0, seed=1) == ids(2.0, seed=1) != ids(2.0, seed=2)
    assert ids() == ids()


def test_a_prompt_beyond_the_window_is_refused_with_its_size() -> None:
    """The refusal names both numbers."""
    model = scripted_model(lambda _: "x", context_tokens=50)
    with pytest.raises(QuestionTooLong, match="50"):
        run(model, job(Message("user", "?")))


def test_progress_reaches_the_prompt_s_end() -> None:
    """Prefill reports rising counts, the last one whole."""
    chunks = run(scripted_model(lambda _: "x"), job(Message("user", "?")))
    done = [chunk.done for chunk in chunks if isinstance(chunk, PrefillChunk)]
    assert done == sorted(set(done))
    assert done[-1] == done_of(chunks).timing.prompt_tokens
