"""Asking: streamed, shown as progress, and stopped by either way of cancelling."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lsp_server.agent.base import Listener
from lsp_server.errors import ModelMissing
from lsp_server.wire import AskResult, TextPart
from support.in_process import FakeAsker, answer, place, serving, speak
from support.wire_client import RpcError

ASK = "inglenook/ask"
SPAN: dict[str, Any] = {
    "name": "search",
    "summary": "`class` · 2 hits",
    "startMs": 1.0,
    "ms": 34.0,
    "arguments": {"pattern": "class"},
    "hits": 2,
    "locations": [],
}
STEP = "search `class` · `class` · 2 hits · 34 ms"
END = {"kind": "end", "message": "1.9 s · 1 tool · 96 % cached · 41 tok/s"}


async def hang(_asker: FakeAsker, question: str, listener: Listener) -> AskResult:
    """Speak a little, then never end."""
    listener.part(TextPart(question))
    await asyncio.Event().wait()
    raise AssertionError


async def test_an_answer_arrives_piece_by_piece(tmp_path: Path):
    """Partial results and progress arrive whole and in order, before the result."""
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path)
        result = await client.request(ASK, {"question": "q", "workDoneToken": "w", "partialResultToken": 7})
        assert client.progress(7) == [
            {"kind": "span", "span": SPAN},
            {"kind": "text", "delta": "It is "},
            {"kind": "text", "delta": "there."},
        ]
        assert client.progress("w") == [
            {"kind": "begin", "title": "Ask", "cancellable": True},
            {"kind": "report", "message": "reading", "percentage": 50, "cancellable": True},
            {"kind": "report", "message": STEP, "cancellable": True},
            END,
        ]
        assert result["answer"] == "It is there."
        assert result["trace"]["spans"] == [SPAN]
        order = [message.get("method", "answer") for message in client.messages]
        assert "$/progress" not in order[len(order) - order[::-1].index("answer") :]


async def test_without_tokens_only_the_answer_comes(tmp_path: Path):
    """A client that asks for no progress gets none."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        await stage.client.request(ASK, {"question": "q"})
        assert stage.client.heard("$/progress") == []


async def test_a_token_may_be_used_again(tmp_path: Path):
    """The same tokens serve one question after the other, also after a cancelled one."""

    async def sometimes(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        return await (hang if question == "hang" else speak)(asker, question, listener)

    async with serving(sometimes) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        params = {"workDoneToken": "w", "partialResultToken": "p"}
        await client.request(ASK, {"question": "a", **params})
        _, hanging = client.begin(ASK, {"question": "hang", **params})
        await client.until(lambda: {"kind": "text", "delta": "hang"} in client.progress("p"))
        client.notify("window/workDoneProgress/cancel", {"token": "w"})
        with pytest.raises(RpcError):
            await client.answered(hanging)
        await client.request(ASK, {"question": "b", **params})
        assert [value["kind"] for value in client.progress("w")].count("begin") == 3
        assert client.progress("w")[-1] == END


async def test_a_token_in_use_is_refused(tmp_path: Path):
    """Two requests at once may not share a work-done token: a cancel could not tell them apart."""
    async with serving(hang) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        _, first = client.begin(ASK, {"question": "a", "workDoneToken": "w", "partialResultToken": "p"})
        await client.until(lambda: client.progress("p"))
        assert (await client.fails(ASK, {"question": "b", "workDoneToken": "w"})).code == 1001
        client.notify("window/workDoneProgress/cancel", {"token": "w"})
        with pytest.raises(RpcError):
            await client.answered(first)


@pytest.mark.parametrize("way", ["$/cancelRequest", "window/workDoneProgress/cancel"])
@pytest.mark.parametrize("by_command", [False, True])
async def test_either_cancel_stops_the_agent(tmp_path: Path, way: str, by_command: bool):
    """Both ways of cancelling reach the agent's task; the request gets -32800 and the progress its end."""
    stopped = asyncio.Event()

    async def note(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        try:
            return await hang(asker, question, listener)
        finally:
            stopped.set()

    async with serving(note) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        params: Any = {"question": "q", "workDoneToken": "w", "partialResultToken": "p"}
        if by_command:
            msg_id, asking = client.begin(
                "workspace/executeCommand", {"command": "inglenook.ask", "arguments": [params]}
            )
        else:
            msg_id, asking = client.begin(ASK, params)
        await client.until(lambda: client.progress("p"))
        client.notify(way, {"id": msg_id} if way.startswith("$") else {"token": "w"})
        with pytest.raises(RpcError) as caught:
            await client.answered(asking)
        assert (caught.value.code, caught.value.data["kind"]) == (-32800, "cancelled")
        await asyncio.wait_for(stopped.wait(), 10)
        assert client.progress("w")[-1] == {"kind": "end", "message": "Cancelled"}


async def test_a_cancel_in_the_same_breath_is_heard(tmp_path: Path):
    """A request that is cancelled before it could begin is answered too."""
    async with serving(hang) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        msg_id, asking = client.begin(ASK, {"question": "q"})
        client.notify("$/cancelRequest", {"id": msg_id})
        with pytest.raises(RpcError) as caught:
            await client.answered(asking)
        assert caught.value.code == -32800


async def test_a_failure_ends_the_progress(tmp_path: Path):
    """An error of the agent's reaches the client with code, sentence and hint, and the progress says it."""

    async def missing(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        raise ModelMissing("No model has been built.")

    async with serving(missing) as stage:
        await stage.client.initialize(tmp_path)
        error = await stage.client.fails(ASK, {"question": "q", "workDoneToken": "w"})
        assert (error.code, error.message) == (1010, "No model has been built.")
        assert error.data == {"kind": "modelMissing", "hint": "Run `inglenook model build`."}
        assert stage.client.progress("w")[-1] == {"kind": "end", "message": "No model has been built."}


async def test_a_bare_string_is_the_question(tmp_path: Path):
    """Any editor can ask through `workspace/executeCommand`, with nothing but the question."""
    async with serving() as stage:
        capabilities = (await stage.client.initialize(tmp_path))["capabilities"]
        assert capabilities["executeCommandProvider"]["commands"] == [
            "inglenook.ask",
            "inglenook.explain",
            "inglenook.search",
            "inglenook.clearTrace",
        ]
        result = await stage.client.request(
            "workspace/executeCommand", {"command": "inglenook.ask", "arguments": ["Where is it?"]}
        )
        assert result["answer"] == "It is there."
        assert stage.askers[0].asked == [("Where is it?", None, None)]
        assert stage.client.heard("window/workDoneProgress/create") == []


async def test_the_command_shows_a_progress_of_its_own(tmp_path: Path):
    """Where the editor gave no token and shows progress, the server creates one, and it can be cancelled."""
    async with serving(hang) as stage:
        client = stage.client
        await client.initialize(tmp_path, capabilities={"window": {"workDoneProgress": True}})
        _, asking = client.begin("workspace/executeCommand", {"command": "inglenook.ask", "arguments": ["q"]})
        created = await client.until(lambda: client.heard("window/workDoneProgress/create"))
        token = created[0]["token"]
        await client.until(lambda: client.progress(token))
        client.notify("window/workDoneProgress/cancel", {"token": token})
        with pytest.raises(RpcError):
            await client.answered(asking)
        assert [value["kind"] for value in client.progress(token)] == ["begin", "end"]


async def test_a_client_that_ignores_the_progress_holds_nothing_up(tmp_path: Path):
    """A client that never answers the progress's creation still gets its answer."""
    async with serving() as stage:
        stage.client.silent_on.add("window/workDoneProgress/create")
        await stage.client.initialize(tmp_path, capabilities={"window": {"workDoneProgress": True}})
        result = await stage.client.request(
            "workspace/executeCommand", {"command": "inglenook.ask", "arguments": ["q"]}
        )
        assert result["answer"]
        assert stage.client.heard("$/progress") == []


async def test_no_commands_where_the_client_has_its_own(tmp_path: Path):
    """With `commands: false` none is advertised, and none is served."""
    async with serving() as stage:
        result = await stage.client.initialize(tmp_path, initializationOptions={"commands": False})
        assert result["capabilities"]["executeCommandProvider"]["commands"] == []
        error = await stage.client.fails("workspace/executeCommand", {"command": "inglenook.ask", "arguments": ["q"]})
        assert error.code == 1001


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        ({"start": (1, 0), "end": (2, 3)}, (2, 3, "two\nthree")),
        ({"start": (1, 0), "end": (2, 0)}, (2, 2, "two")),
        ({"start": (2, 1), "end": (0, 1)}, (1, 3, "one\ntwo\nthree")),
        ({"start": (2, 0), "end": (99, 0)}, (3, 3, "three")),
        ({"start": (1, 1), "end": (1, 1)}, None),
    ],
)
async def test_a_selection_reaches_the_agent(tmp_path: Path, selected: Any, expected: Any):
    """A selection arrives as whole lines, one-based; a cursor selects nothing."""
    (tmp_path / "é a.py").write_text("one\ntwo\nthree\n", encoding="utf-8")
    uri = (tmp_path / "é a.py").as_uri()
    span = {name: {"line": line, "character": at} for name, (line, at) in selected.items()}
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        await stage.client.request(ASK, {"question": "q", "context": {"textDocument": {"uri": uri}, "range": span}})
        selection = stage.askers[0].asked[0][1]
        found = selection and (selection.start, selection.end, selection.text)
        assert found == expected
        assert selection is None or selection.path == "é a.py"


async def test_a_selection_in_a_secret_is_refused(tmp_path: Path):
    """A selection in a file that may not be read is not passed on."""
    (tmp_path / ".env").write_text("KEY=1\n")
    whole = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
    context = {"textDocument": {"uri": (tmp_path / ".env").as_uri()}, "range": whole}
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        error = await stage.client.fails(ASK, {"question": "q", "context": context})
        assert error.data["kind"] == "outOfScope"


async def test_a_conversation_goes_on(tmp_path: Path):
    """The conversation's id reaches the agent, and its own comes back."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        result = await stage.client.request(ASK, {"question": "q", "conversationId": "c0"})
        assert stage.askers[0].asked == [("q", None, "c0")]
        assert result["conversationId"] == "c1"


async def test_two_questions_at_once_are_kept_apart(tmp_path: Path):
    """Each question streams under its own tokens."""
    gates = {"a": asyncio.Event(), "b": asyncio.Event()}

    async def gated(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        listener.part(TextPart(question))
        await gates[question].wait()
        return answer(question)

    async with serving(gated) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        asking = {name: client.begin(ASK, {"question": name, "partialResultToken": name})[1] for name in gates}
        await client.until(lambda: client.progress("a") and client.progress("b"))
        gates["b"].set()
        assert (await client.answered(asking["b"]))["answer"] == "b"
        gates["a"].set()
        assert (await client.answered(asking["a"]))["answer"] == "a"
        assert client.progress("a") == [{"kind": "text", "delta": "a"}]


async def test_citations_carry_all_their_fields(tmp_path: Path):
    """A citation on the wire says also that it is not verified."""
    (tmp_path / "a.py").write_text("x = 1\n")

    async def cite(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        return answer(citations=(place(asker.workspace, "a.py", 1, verified=False),))

    async with serving(cite) as stage:
        await stage.client.initialize(tmp_path)
        result = await stage.client.request(ASK, {"question": "q"})
        assert result["citations"] == [
            {
                "uri": (tmp_path / "a.py").as_uri(),
                "path": "a.py",
                "range": {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}},
                "text": "x = 1",
                "verified": False,
            }
        ]


async def test_a_question_is_always_text(tmp_path: Path):
    """Half a surrogate pair, which JSON can say and UTF-8 cannot, reaches the agent as a question mark."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        await stage.client.request(ASK, {"question": "caf\udce9 é"})
        assert stage.askers[-1].asked[0][0] == "caf? é"
