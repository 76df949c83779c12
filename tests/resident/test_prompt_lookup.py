"""Drafts from the prompt: what they propose, that they change nothing, and when they are left."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.dialects import schema
from lsp_server.engine.base import Chunk, DoneChunk, Job, Message, Sampling, TextChunk, ToolSpec
from lsp_server.resident.generate import Model, generate
from lsp_server.resident.prompt_lookup import LONGEST_DRAFT, DraftWorth, PromptLookup
from support.scripted_backend import ScriptedState, device_of, scripted_model

SEARCH = ToolSpec(
    "search",
    "search(pattern)",
    "find text",
    schema({"pattern": {"type": "string", "maxLength": 30}}, ["pattern"]),
)
CALL = '```json\n{"name": "search", "arguments": {"pattern": "x y"}}\n```'
FEW = st.lists(st.integers(0, 3), max_size=40)
LINE = "the reader of lines at reader.py:12"


class Paying(DraftWorth):
    """Drafts whatever it costs, and notes how many tokens of each draft were right."""

    def __init__(self) -> None:
        super().__init__()
        self.accepted: list[int] = []

    def pays(self) -> bool:
        return True

    def drafted(self, seconds: float, accepted: int) -> None:
        assert seconds > 0
        self.accepted.append(accepted)


def saying(reply: str, longest: int = LONGEST_DRAFT) -> Model:
    model = scripted_model(lambda _: reply)
    model.longest_draft = longest
    model.draft_worth = Paying()
    return model


def accepted(model: Model) -> list[int]:
    assert isinstance(model.draft_worth, Paying)
    return model.draft_worth.accepted


def run(model: Model, question: str, sampling: Sampling = Sampling(), *, tools: bool = False) -> list[Chunk]:  # noqa: B008 - frozen
    job = Job((Message("user", question),), tools=(SEARCH,) if tools else (), sampling=sampling)
    return [chunk for chunk in generate(model, job) if chunk is not None]


def steps_of(model: Model) -> int:
    """Prefill chunks, and steps over what was chosen or drafted."""
    return len(device_of(model).steps)


def naive(tokens: Sequence[int], longest: int) -> list[int]:
    """What followed the last place where the last two tokens stood together before."""
    for end in range(len(tokens) - 1, 1, -1):
        if list(tokens[end - 2 : end]) == list(tokens[-2:]):
            return list(tokens[end : end + longest])
    return []


@given(FEW, FEW, st.integers(0, 9))
def test_a_draft_is_what_followed_the_last_two_tokens_before(begun: list[int], more: list[int], longest: int) -> None:
    """However the tokens came, at once or one by one; without a pair, or a place, there is no draft."""
    lookup = PromptLookup(begun)
    for token in more:
        lookup.extend([token])
    assert lookup.draft(longest) == naive([*begun, *more], longest)


@settings(max_examples=40)
@given(
    st.text("abc", min_size=1, max_size=60),
    st.text("abc", max_size=60),
    st.integers(1, 70),
    st.sampled_from([0.0, 1.0]),
)
def test_drafts_change_nothing_but_the_number_of_steps(prompt: str, reply: str, most: int, temperature: float) -> None:
    """Text, ids, reason and the kept state are the same with and without, greedy or drawn, cut short or not."""
    sampling = Sampling(max_tokens=most, temperature=temperature, seed=7)
    seen: list[object] = []
    steps: list[int] = []
    for longest in (0, LONGEST_DRAFT):
        model = saying(reply, longest)
        chunks = run(model, prompt, sampling)
        (done,) = [chunk for chunk in chunks if isinstance(chunk, DoneChunk)]
        (held,) = model.cache._held  # pyright: ignore[reportPrivateUsage]
        assert held.state == ScriptedState(held.tokens)
        text = "".join(chunk.text for chunk in chunks if isinstance(chunk, TextChunk))
        seen.append((text, done.token_ids, done.reason, held.tokens))
        steps.append(steps_of(model))
    assert seen[0] == seen[1]
    assert steps[1] <= steps[0]


def test_what_repeats_the_prompt_takes_few_steps() -> None:
    """A line of the prompt said again comes eight tokens a step."""
    plain, drafting = (saying(LINE, longest) for longest in (0, LONGEST_DRAFT))
    for model in (plain, drafting):
        run(model, f"What is {LINE}?")
    assert steps_of(plain) - steps_of(drafting) >= len(LINE) * 3 // 4
    assert accepted(plain) == []
    assert sum(accepted(drafting)) >= len(LINE) // 2
    assert max(accepted(drafting)) == LONGEST_DRAFT


def test_a_call_is_drafted_too() -> None:
    """Under the grammar a draft is taken as far as it may stand there and was chosen."""
    plain, drafting = (saying(CALL, longest) for longest in (0, LONGEST_DRAFT))
    for model in (plain, drafting):
        done = run(model, CALL, tools=True)[-1]
        assert isinstance(done, DoneChunk)
        assert done.reason == "call"
        assert b"".join(map(model.chat.token_bytes, done.token_ids[:-1])).decode() == CALL
    assert steps_of(drafting) < steps_of(plain)


def test_closing_ahead_of_the_words_keeps_what_was_said() -> None:
    """A turn that is stopped in the middle of a draft leaves the state of the tokens that were taken, no more."""
    model = saying(LINE)
    steps = generate(model, Job((Message("user", LINE),)))
    shown = ""
    while len(shown) < 12:
        chunk = next(steps)
        shown += chunk.text if isinstance(chunk, TextChunk) else ""
    held_ahead = device_of(model).steps[-1] > 1
    steps.close()
    (held,) = model.cache._held  # pyright: ignore[reportPrivateUsage]
    assert held_ahead
    assert held.state == ScriptedState(held.tokens)
    assert held.ahead == []


def test_a_state_that_cannot_be_cut_is_never_run_ahead() -> None:
    """An architecture without trimming decodes token by token, and keeps its cache."""
    model = saying(LINE)
    device_of(model).window = 0
    run(model, LINE)
    assert set(device_of(model).steps[-len(LINE) :]) == {1}
    assert model.cache.nbytes() > 0


def test_a_window_that_fills_up_is_never_run_over() -> None:
    """Drafts end where the state could no longer be cut back; what is said does not change."""
    reply = f"{LINE} and {LINE[:9]}s of {LINE}"
    model = saying(reply)
    device_of(model).window = window = len(model.chat.encode((Message("user", LINE),))) + 20
    chunks = run(model, LINE)
    assert "".join(chunk.text for chunk in chunks if isinstance(chunk, TextChunk)) == reply
    (held,) = model.cache._held  # pyright: ignore[reportPrivateUsage]
    assert held.state == ScriptedState(held.tokens)
    assert len(held.tokens) > window
    assert {*device_of(model).steps[-(len(held.tokens) - window) :]} == {1}


def test_a_draft_stays_within_the_window() -> None:
    """No step computes beyond the tokens that the turn may have."""
    model = saying("ababababab")
    run(model, "ababababab", Sampling(max_tokens=4))
    assert device_of(model).steps[-1] == 4


def test_drafts_that_do_not_pay_are_left_but_for_a_try_now_and_then() -> None:
    """Steps that cost more than the ones they save end the drafting; a device that has become faster is found."""
    worth = DraftWorth()
    assert worth.pays()
    worth.plain(1.0)
    worth.drafted(3.0, 1)
    tries = [worth.pays() for _ in range(64)]
    assert sum(tries) == 2
    for _ in range(40):
        worth.drafted(1.5, 1)
    assert worth.pays()
    worth.drafted(100.0, 1)  # the machine did something else
    assert worth.pays()
