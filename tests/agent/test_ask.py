from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anyio
import pydantic_ai
import pytest

from lsp_server.agent.base import Selection
from lsp_server.agent.question import MOST_CHARACTERS
from lsp_server.agent.tokens import most_tokens
from lsp_server.errors import BadRequest, EngineDied, QuestionTooLong
from lsp_server.settings import Settings
from lsp_server.wire import AskResult, ResetPart, TextPart
from lsp_server.workspace.files import Files
from support.asking import Asking
from support.scripted_engine import Hang, call, roles

Make = Callable[..., Asking]


async def test_cited_definition(asking: Make):
    """A place in the words that the answering call showed is verified, and not listed a second time."""
    it = asking(call("symbols", name="Till"), "`Till` is in src/shop/till.py:4 indeed.")
    result = await it.ask("Where is Till?")
    assert result.answer == "`Till` is in src/shop/till.py:4 indeed."
    assert [(place.path, place.start, place.verified) for place in result.citations] == [("src/shop/till.py", 4, True)]
    assert it.heard.citations == list(result.citations)


async def test_direct_answer(asking: Make):
    """An answer without a call has no evidence and its outcome is answered."""
    it = asking("A protocol is an interface.")
    result = await it.ask("What is a protocol?")
    assert (result.answer, result.outcome, result.evidence) == ("A protocol is an interface.", "answered", ())
    assert [span.name for span in result.trace.spans] == ["lookup", "prefill", "decode"]


async def test_trace_and_timing(asking: Make):
    """The trace holds every step in order and the sums over the turns; each span was told as it ended."""
    it = asking(call("symbols", name="Till"), "It is src/shop/till.py:4, found.")
    result = await it.ask("Where is `Till`?")
    names = [span.name for span in result.trace.spans]
    assert names == ["lookup", "prefill", "decode", "symbols", "prefill", "decode", "verify"]
    assert it.heard.spans == list(result.trace.spans)
    assert result.trace.id == "ask-1"
    assert result.trace.model == "scripted"
    timing = result.trace.timing
    assert timing.output_tokens >= 10
    assert 0 < timing.cached_tokens < timing.prompt_tokens
    assert timing.prefill_tokens_per_second > 0
    assert 0 < timing.ttft_ms <= result.trace.total_ms
    assert ("Reading", 50) in it.heard.lines


async def test_prompt(asking: Make):
    """The model is sent the system message, then the question with what of it exists; modes start free."""
    it = asking("Yes.")
    await it.ask("Is there a Till?")
    [job] = it.engine.jobs
    assert roles(job) == ["system", "user"]
    assert job.messages[1].text == "Is there a Till?\n\nIn this workspace: `Till` in src/shop/till.py"
    assert job.calls == "free"
    assert [tool.name for tool in job.tools] == ["search", "symbols", "read_file", "run_command"]


async def test_selection(asking: Make, root: Path):
    """A selection enters after the question as path and lines, cut with a note where it is long."""
    it = asking("Fine.")
    text = "\n".join(f"value_{number} = {number}" for number in range(1000))
    selection = Selection((root / "src/shop/core.py").as_uri(), "src/shop/core.py", 3, 1002, text)
    await it.ask("What is this?", selection=selection)
    message = it.engine.jobs[0].messages[1].text
    assert message.startswith("What is this?\n\nSelected, src/shop/core.py:3-1002:\nvalue_0 = 0\n")
    assert message.endswith("more lines were left out)")
    assert len(message) < 4000


async def test_selection_of_one_long_line(asking: Make, root: Path):
    """Of a line that is longer than a selection may be, the beginning is there."""
    it = asking("Fine.")
    selection = Selection((root / "a.js").as_uri(), "a.js", 1, 1, "var a=1;" * 10_000)
    await it.ask("What is this?", selection=selection)
    message = it.engine.jobs[0].messages[1].text
    assert "a.js:1-1:\nvar a=1;var a=1;" in message
    assert most_tokens(message) < 900


async def test_prefix_within_an_answer(asking: Make):
    """Each turn's messages begin with all of the turn before, the generated ids included."""
    it = asking(call("search", pattern="Basket"), call("read_file", path="README.md"), "Done.")
    await it.ask("Where?")
    first, second, third = it.engine.jobs
    assert second.messages[: len(first.messages)] == first.messages
    assert third.messages[: len(second.messages)] == second.messages
    assert second.messages[-2].token_ids == (1000, 1001, 1002, 1003, 1004)
    assert second.messages[-2].call == call("search", pattern="Basket")
    assert second.messages[-1].role == "tool"


async def test_prefix_of_a_follow_up(asking: Make):
    """A later question in a conversation grows the transcript at its end."""
    it = asking(call("search", pattern="till"), "One.", "Two.")
    first = await it.ask("First?")
    second = await it.ask("Second?", first.conversation_id)
    assert second.conversation_id == first.conversation_id
    before, after = it.engine.jobs[1], it.engine.jobs[2]
    assert after.messages[: len(before.messages)] == before.messages
    assert after.messages[-2].text == "One."
    assert after.messages[-2].token_ids
    assert after.messages[-1].text.startswith("Second?")


async def test_unknown_conversation(asking: Make):
    """An unknown id begins a conversation with an id of its own."""
    it = asking("One.")
    result = await it.ask("First?", "never-seen")
    assert result.conversation_id not in {"", "never-seen"}
    assert roles(it.engine.jobs[0]) == ["system", "user"]


SPOKEN_CALL = 'I look it up:\n```json\n{"name": "symbols", "arguments": {"name": "Till"}}\n```\nIt is there.'


async def test_a_call_behind_words(asking: Make):
    """A call that the model writes after words is run; the words round it are withdrawn, the transcript keeps them."""
    it = asking(SPOKEN_CALL, "`Till` is in src/shop/till.py:4.")
    result = await it.ask("Where is Till?")
    assert result.answer == it.heard.text == "`Till` is in src/shop/till.py:4."
    assert any(isinstance(part, ResetPart) for part in it.heard.parts)
    assert next(span.summary for span in result.trace.spans if span.name == "decode").startswith("call of symbols")
    first, second = it.engine.jobs
    assert second.messages[: len(first.messages)] == first.messages
    assert second.messages[len(first.messages)].token_ids == (1000, 1001, 1002, 1003, 1004)


async def test_a_call_where_none_may_be_made(asking: Make):
    """With no calls allowed a call that is written as text is neither run nor shown."""
    it = asking(SPOKEN_CALL, settings=Settings(max_tool_calls=0))
    result = await it.ask("Where is Till?")
    assert not [span for span in result.trace.spans if span.name == "symbols"]
    assert result.answer.split() == ["I", "look", "it", "up:", "It", "is", "there."]


async def test_limit_of_calls(asking: Make):
    """At the limit one last turn must speak, on the same prefix, and the outcome says so."""
    calls = [call("search", pattern=f"word{number}") for number in range(9)]
    it = asking(*calls, settings=Settings(max_tool_calls=2))
    result = await it.ask("Where?")
    assert [job.calls for job in it.engine.jobs] == ["free", "free", "forbidden"]
    last, before = it.engine.jobs[-1], it.engine.jobs[-2]
    assert last.messages[: len(before.messages)] == before.messages
    assert roles(last)[-2:] == ["assistant", "tool"]
    assert result.outcome == "limit"
    assert result.answer.startswith("forced speech")
    assert "(Stopped: the limit of 2 tool calls was reached.)" in result.answer


async def test_repeated_call(asking: Make):
    """A repeated identical call is answered from memory, with a note, and ends the loop."""
    same = call("search", pattern="Basket")
    it = asking(same, same, same)
    result = await it.ask("Where?")
    assert [job.calls for job in it.engine.jobs] == ["free", "free", "forbidden"]
    results = [message.text for message in it.engine.jobs[-1].messages if message.role == "tool"]
    assert results[1].startswith("(You have made this very call before")
    assert results[1].endswith(results[0])
    assert result.outcome == "limit"
    assert result.answer.startswith("forced speech\n\n- `src/shop/core.py:16`")


async def test_token_budget(asking: Make):
    """When the budget is spent the next turn must speak."""
    it = asking(call("search", pattern="a"), "End.", settings=Settings(token_budget=16, max_tokens=100))
    await it.ask("Where?")
    assert [job.sampling.max_tokens for job in it.engine.jobs] == [64, 64]
    more = asking(*[call("search", pattern=f"{n}") for n in range(9)], settings=Settings(token_budget=16))
    result = await more.ask("Where?")
    assert [job.calls for job in more.engine.jobs] == ["free"] * 4 + ["forbidden"]
    assert result.outcome == "limit"


async def test_no_calls_allowed(asking: Make):
    """With no calls allowed the model speaks at once, and that is no limit reached."""
    it = asking("Words.", settings=Settings(max_tool_calls=0))
    result = await it.ask("Where?")
    assert it.engine.jobs[0].calls == "forbidden"
    assert result.outcome == "answered"


async def test_not_found(asking: Make):
    """When no call found anything, the answer says what was searched."""
    it = asking(call("search", pattern="zebra"), call("symbols", name="Zebra"), "There is none.")
    result = await it.ask("Where is the zebra?")
    assert result.outcome == "notFound"
    assert result.evidence == ()
    assert result.answer == (
        "There is none.\n\nNothing was found. Searched: `search(pattern='zebra')`; `symbols(name='Zebra')`."
    )


async def test_failed_call_is_a_result(asking: Make):
    """A call that fails comes back as a result in our own words, with a hint."""
    it = asking(call("read_file", path="nowhere.py"), call("symbols", kind="trait"), "None.")
    await it.ask("Where?")
    results = [message.text for message in it.engine.jobs[-1].messages if message.role == "tool"]
    assert all(text.startswith("Not done: ") for text in results)
    assert "Use symbols(name?" in results[1]


async def test_wordless_turn(asking: Make):
    """A turn without a word still gives an answer: the list, or that there were no words."""
    it = asking(call("symbols", name="Till"), "")
    result = await it.ask("Where?")
    assert result.answer == "1 symbol in 1 file:\n\n- `src/shop/till.py:4`: class `Till(Base)`"
    silent = asking("")
    assert (await silent.ask("Hm?")).answer == "The model found no words for this."


@pytest.mark.parametrize(
    ("words", "verified"),
    [
        ("`Till` is in src/shop/till.py:4.", True),
        ("`Till` is in src/shop/till.py:5.", False),
        ("`Basket` is in src/shop/till.py:4.", False),
        ("`Till` is in src/shop/till.py:400.", False),
        ("`Till` is in src/shop/nowhere.py:4.", False),
        ("`TOKEN` is in .env:1.", False),
        ("In src/shop/till.py:4 stands `Till`.", True),
        ("`Till.pay` is in src/shop/till.py:5-6.", True),
        ("`Till` is in src\\shop\\till.py:4.", True),
        ("`Till` is in [till.py](src/shop/till.py#L4).", True),
    ],
)
async def test_verification_by_name(asking: Make, words: str, verified: bool):
    """Without a tool's result, a place is verified only where the name beside it stands on its lines."""
    result = await asking(words).ask("Where?")
    [place] = result.citations
    assert place.verified is verified
    assert ("(unverified)" in result.answer) is not verified


async def test_verification_by_what_was_shown(asking: Make, root: Path):
    """Lines that a tool showed are verified while they are unchanged, buffers first."""
    it = asking(call("read_file", path="README.md"), "See README.md:3 for that.", "See README.md:3 for that.")
    first = await it.ask("What?")
    assert first.citations[0].verified
    it.workspace.files.open_buffer((root / "README.md").as_uri(), "# Shop\n\nAnother line.\n")
    second = await it.ask("And now?", first.conversation_id)
    assert not second.citations[0].verified


async def test_a_place_that_does_not_exist_costs_no_walk(asking: Make, monkeypatch: pytest.MonkeyPatch):
    """While words are streamed, nothing goes through the whole workspace for a file that is not there."""
    it = asking("It is in src/nowhere.py:3 and lib/nothing.py:4 .")

    def walk(*_: object) -> None:
        raise AssertionError("the workspace was walked")

    monkeypatch.setattr(Files, "all", walk)
    result = await it.ask("Where?")
    assert [place.verified for place in result.citations] == [False, False]


async def test_cancelled_ask_leaves_no_trace(asking: Make):
    """Cancelling stops the engine and leaves the conversation as it was."""
    hang = Hang("I am thin")
    it = asking("One.", call("search", pattern="till"), hang, "Three.")
    first = await it.ask("First?")
    async with anyio.create_task_group() as group:
        group.start_soon(it.ask, "Second?", first.conversation_id)
        await hang.reached.wait()
        group.cancel_scope.cancel()
    assert it.engine.closed == 3
    await it.ask("Third?", first.conversation_id)
    users = [message.text.split("\n")[0] for message in it.engine.jobs[-1].messages if message.role == "user"]
    assert users == ["First?", "Third?"]


async def test_failed_ask_leaves_no_trace(asking: Make):
    """An engine that dies ends the question with its error; the conversation goes on from before."""
    it = asking("One.", EngineDied("It died."), "Three.")
    first = await it.ask("First?")
    with pytest.raises(EngineDied, match="It died"):
        await it.ask("Second?", first.conversation_id)
    third = await it.ask("Third?", first.conversation_id)
    assert third.conversation_id == first.conversation_id
    assert roles(it.engine.jobs[-1]) == ["system", "user", "assistant", "user"]


async def test_one_question_at_a_time(asking: Make):
    """Two questions in one conversation are answered one after the other."""
    it = asking("One.", "Two.", "Three.")
    first = await it.ask("First?")
    async with anyio.create_task_group() as group:
        group.start_soon(it.ask, "Second?", first.conversation_id)
        group.start_soon(it.ask, "Third?", first.conversation_id)
    assert [len(job.messages) for job in it.engine.jobs] == [2, 4, 6]


async def test_window(asking: Make):
    """When the window is full whole oldest exchanges go, once, and the answer and the trace say so."""
    it = asking(*["word " * 8_000, "word " * 8_000, "word " * 8_500, "Short.", "Shorter."])
    conversation: str | None = None
    results: list[AskResult] = []
    for number in range(5):
        results.append(await it.ask(f"Question {number}?", conversation))
        conversation = results[-1].conversation_id
    kept = [[m.text.split("\n")[0] for m in job.messages if m.role == "user"] for job in it.engine.jobs]
    assert kept[2] == ["Question 0?", "Question 1?", "Question 2?"]
    assert kept[3] == ["Question 2?", "Question 3?"]
    assert kept[4] == ["Question 2?", "Question 3?", "Question 4?"]
    assert "no longer fit the model's window" in results[3].answer
    assert "2 oldest exchanges left the window" in results[3].trace.spans[0].summary
    assert "window" not in results[4].answer


async def test_bad_questions(asking: Make):
    """An empty question and one of 100 kB are refused with a sentence and a hint; nothing is generated."""
    it = asking()
    with pytest.raises(BadRequest, match="empty"):
        await it.ask(" \n ")
    with pytest.raises(BadRequest, match="empty"):
        await it.ask("\u200b\0\u2060")
    with pytest.raises(QuestionTooLong, match="100,000 characters") as told:
        await it.ask("x" * 100_000)
    assert told.value.hint
    assert len("x" * 100_000) > MOST_CHARACTERS
    assert it.engine.jobs == []


async def test_halves_of_characters(asking: Make):
    """A question's surrogate pairs are joined and lone halves replaced; a place named with one is unverified."""
    it = asking("It is in foo\ud800.py:3 .")
    result = await it.ask("What is \ud83d\ude00 and \ud800?")
    assert it.engine.jobs[0].messages[1].text == "What is 😀 and \ufffd?"
    assert not result.citations[0].verified


async def test_sampling(asking: Make):
    """Each generation setting reaches the engine under its one name."""
    settings = Settings(max_tokens=77, temperature=0.5, top_p=0.9, seed=3, stop_sequences=("END", "\n\n"))
    it = asking("Yes.", settings=settings)
    await it.ask("Hm?")
    sampling = it.engine.jobs[0].sampling
    assert (sampling.max_tokens, sampling.temperature, sampling.top_p) == (77, 0.5, 0.9)
    assert (sampling.seed, sampling.stop_sequences) == (3, ("END", "\n\n"))


async def test_answer_is_what_was_heard(asking: Make):
    """The parts, put together, are the answer, whatever the size of the engine's pieces."""
    for piece in (1, 2, 7, 1000):
        it = asking(call("symbols", name="Till"), "`Till`: src/shop/till.py:4 and `X` in a.py:9. Bye", piece=piece)
        result = await it.ask("Where?")
        assert it.heard.text == result.answer
        assert not any(isinstance(part, ResetPart) for part in it.heard.parts)
        assert all(part.delta for part in it.heard.parts if isinstance(part, TextPart))


async def test_copied_rows_end_the_turn(asking: Make):
    """After a listing, a turn that begins to copy its rows is stopped: the product shows them."""
    it = asking(call("symbols", inherits="Base"), "Two of them.")
    await it.ask("Which classes inherit from Base?")
    first, second = (job.sampling.stop_sequences for job in it.engine.jobs)
    assert first == ()
    assert second == ("\nsrc/shop/core.py:16: class Basket(Base)", "\nsrc/shop/till.py:4: class Till(Base)")


async def test_a_quotation_of_a_file_is_not_stopped(asking: Make):
    """What `read_file` showed may be quoted: only listings are shown by the product."""
    it = asking(call("read_file", path="src/shop/till.py"), "It holds a class.")
    await it.ask("What is in till.py?")
    assert it.engine.jobs[-1].sampling.stop_sequences == ()


async def test_no_advertisement(asking: Make):
    """The framework prints nothing of its own beside the answer."""
    asking("Yes.")
    assert pydantic_ai.BANNER_ENABLED is False
