"""Every request is answered, whatever comes in."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from support.in_process import serving, speak
from support.wire_client import RpcError, WireClient

BAD_PARAMS: list[tuple[str, Any]] = [
    ("inglenook/ask", None),
    ("inglenook/ask", {}),
    ("inglenook/ask", []),
    ("inglenook/ask", "why"),
    ("inglenook/ask", {"question": 5}),
    ("inglenook/ask", {"question": None}),
    ("inglenook/ask", {"question": "  \n"}),
    ("inglenook/ask", {"question": "q", "context": {"textDocument": {}}}),
    ("inglenook/ask", {"question": "q", "workDoneToken": {}}),
    ("inglenook/model", None),
    ("inglenook/model", {"action": "explode"}),
    ("inglenook/model", {"action": "use"}),
    ("inglenook/model", {"action": "list", "recipe": 3}),
    ("workspace/executeCommand", {}),
    ("workspace/executeCommand", {"command": "inglenook.ask"}),
    ("workspace/executeCommand", {"command": "inglenook.ask", "arguments": []}),
    ("workspace/executeCommand", {"command": "inglenook.ask", "arguments": ["a", "b"]}),
    ("workspace/executeCommand", {"command": "inglenook.ask", "arguments": [5]}),
    ("workspace/executeCommand", {"command": "inglenook.ask", "arguments": [{"question": 5}]}),
    ("workspace/executeCommand", {"command": "nothing.ofOurs", "arguments": []}),
]


@pytest.mark.parametrize(("method", "params"), BAD_PARAMS)
async def test_bad_params_are_answered(tmp_path: Path, method: str, params: Any):
    """Parameters that are missing or ill-typed get our code, a sentence, kind and hint."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        error = await stage.client.fails(method, params)
        assert (error.code, error.data["kind"]) == (1001, "badRequest")
        assert error.message
        assert error.data["hint"]


async def test_left_out_params_are_answered(tmp_path: Path):
    """A request without any `params` is answered."""
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path)
        for msg_id, method in enumerate(("inglenook/ask", "inglenook/model", "workspace/executeCommand"), 100):
            client.send({"jsonrpc": "2.0", "id": msg_id, "method": method})
            answer = await client.until(lambda msg_id=msg_id: _answers(client, msg_id))
            assert answer[0]["error"]["data"]["kind"] == "badRequest"
        client.send({"jsonrpc": "2.0", "id": 200, "method": "inglenook/clearTrace"})
        assert (await client.until(lambda: _answers(client, 200)))[0]["result"] is None


async def test_the_sentence_names_the_parameter(tmp_path: Path):
    """A person can see which parameter is wrong."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        assert "question" in (await stage.client.fails("inglenook/ask", {})).message


async def test_extra_params_are_ignored(tmp_path: Path):
    """A newer client may say more than the server knows."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        assert (await stage.client.request("inglenook/ask", {"question": "q", "more": 1}))["answer"]
        assert await stage.client.request("inglenook/clearTrace", {"all": True}) is None


async def test_a_nested_jsonrpc_key_is_only_a_key(tmp_path: Path):
    """An object of the parameters that bears a `jsonrpc` key is taken as it is."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        result = await stage.client.request("inglenook/ask", {"question": "q", "x": {"jsonrpc": "2.0", "id": 1}})
        assert result["answer"] == "It is there."


async def test_unknown_methods_are_answered(tmp_path: Path):
    """A method that nobody serves gets the protocol's own code."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        for method in ("inglenook/nothing", "textDocument/completion", "$/nothing"):
            error = await stage.client.fails(method, {"x": 1})
            assert error.code == -32601


@pytest.mark.parametrize(
    "method", ["exit", "initialized", "$/cancelRequest", "textDocument/didOpen", "inglenook/trust"]
)
async def test_a_notification_sent_as_a_request_is_answered(tmp_path: Path, method: str):
    """What bears an id is waited for, whatever its name."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        assert (await stage.client.fails(method, {"trusted": True})).code == -32601
        assert await stage.client.request("inglenook/clearTrace") is None


async def test_a_request_sent_as_a_notification_does_no_harm(tmp_path: Path):
    """What bears no id is not answered."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        for method in ("shutdown", "inglenook/ask", "workspace/executeCommand"):
            stage.client.notify(method, {"question": "q", "command": "inglenook.ask"})
        assert await stage.client.request("inglenook/clearTrace") is None
        assert stage.askers == [] or stage.askers[0].asked == []


async def test_before_initialize_requests_are_refused():
    """A request that comes before `initialize` gets the protocol's code for it."""
    async with serving() as stage:
        assert (await stage.client.fails("inglenook/ask", {"question": "q"})).code == -32002


async def test_initialize_comes_once(tmp_path: Path):
    """A second `initialize` is refused and changes nothing."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        assert (await stage.client.fails("initialize", {"processId": None, "capabilities": {}})).code == -32600
        assert await stage.client.request("inglenook/ask", {"question": "q"})


async def test_a_bad_initialize_can_be_mended(tmp_path: Path):
    """An ill-typed `initialize` is answered, and a good one may follow."""
    async with serving() as stage:
        assert (await stage.client.fails("initialize", {"capabilities": 3, "processId": "x"})).code == 1001
        await stage.client.initialize(tmp_path)


async def test_after_shutdown_requests_are_refused(tmp_path: Path):
    """After `shutdown` every request is answered with an error, and `exit` ends the server with 0."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        assert await stage.client.request("shutdown", {"odd": 1}) is None
        for method in ("inglenook/ask", "shutdown", "initialize", "textDocument/completion"):
            assert (await stage.client.fails(method, {"question": "q"})).code == -32600
        stage.client.notify("exit")
        assert await stage.exit_code == 0


async def test_exit_without_shutdown_is_no_success(tmp_path: Path):
    """`exit` alone ends the server with 1."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        stage.client.notify("exit")
        assert await stage.exit_code == 1


async def test_shutdown_stops_what_runs(tmp_path: Path):
    """A request that runs is cancelled and answered when the server is shut down."""

    async def never(asker: Any, question: str, listener: Any) -> Any:
        listener.progress("waiting", None)
        await asyncio.Event().wait()

    async with serving(never) as stage:
        await stage.client.initialize(tmp_path)
        _, asking = stage.client.begin("inglenook/ask", {"question": "q", "workDoneToken": "w"})
        await stage.client.until(lambda: len(stage.client.progress("w")) > 1)
        await stage.client.request("shutdown")
        with pytest.raises(RpcError) as caught:
            await stage.client.answered(asking)
        assert caught.value.code == -32800


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        (b"\xff\xfe", -32700),
        (b"[" * 100_000, -32700),
        (b"[]", -32600),
        (b"3", -32600),
        (b"{}", -32600),
        (b'{"jsonrpc": "1.0", "id": 9, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 9, "method": 5}', -32600),
        (b'{"jsonrpc": "2.0", "id": null, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": {}, "method": "shutdown"}', -32600),
        (b'{"jsonrpc": "2.0", "id": 9}', -32600),
    ],
)
async def test_what_is_no_request_is_answered(tmp_path: Path, body: bytes, code: int):
    """Bytes that are no JSON-RPC request get an error, with the id where one can be read, and the server lives on."""
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path)
        client.send_body(body)
        error = await client.until(lambda: [message for message in client.messages if "error" in message])
        assert error[0]["error"]["code"] == code
        assert error[0]["id"] == (9 if b'"id": 9' in body else None)
        assert await client.request("inglenook/clearTrace", {}) is None


async def test_odd_notifications_and_responses_are_passed_over(tmp_path: Path):
    """What needs no answer gets none, and does no harm."""
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path)
        client.notify("inglenook/trust", {"trusted": "no"})
        client.notify("inglenook/trust")
        client.notify("textDocument/didOpen", {"textDocument": 5})
        client.notify("textDocument/didChange", {"textDocument": {"uri": "file:///nowhere", "version": 1}})
        client.notify("$/cancelRequest", {"id": 77})
        client.notify("$/cancelRequest", {})
        client.notify("window/workDoneProgress/cancel", {"token": "unknown"})
        client.notify("$/setTrace", {"value": "loud"})
        client.notify("unknown/thing", {"x": [1]})
        client.send({"jsonrpc": "2.0", "id": 12345, "result": {}})
        client.send({"jsonrpc": "2.0", "id": "abc", "error": {"code": 1, "message": "m"}})
        assert (await client.request("inglenook/ask", {"question": "q"}))["outcome"] == "answered"
        assert not [message for message in client.messages if "error" in message]


@pytest.mark.parametrize("oddity", [{1, 2}, object(), float("nan"), b"bytes"])
async def test_a_result_that_is_no_json_is_answered(tmp_path: Path, oddity: Any):
    """A result that cannot be written becomes an error, not silence."""

    async def odd(asker: Any, question: str, listener: Any) -> Any:
        result = await speak(asker, question, listener)
        object.__setattr__(result, "answer", oddity)
        return result

    async with serving(odd) as stage:
        await stage.client.initialize(tmp_path)
        error = await stage.client.fails("inglenook/ask", {"question": "q"})
        assert (error.code, error.data["kind"]) == (1000, "internal")


async def test_an_unforeseen_failure_is_answered(tmp_path: Path):
    """An exception that nobody foresaw becomes an error with kind and hint, and the next request works."""

    async def broken(asker: Any, question: str, listener: Any) -> Any:
        if question == "break":
            raise ZeroDivisionError("by nought")
        return await speak(asker, question, listener)

    async with serving(broken) as stage:
        await stage.client.initialize(tmp_path)
        error = await stage.client.fails("inglenook/ask", {"question": "break"})
        assert (error.code, error.data["kind"]) == (1000, "internal")
        assert "by nought" in error.message
        assert await stage.client.request("inglenook/ask", {"question": "q"})


async def test_file_names_beyond_utf8_are_written(tmp_path: Path):
    """A lone surrogate, as file names bring them, leaves as valid UTF-8."""

    async def odd(asker: Any, question: str, listener: Any) -> Any:
        result = await speak(asker, question, listener)
        object.__setattr__(result, "answer", "caf\udce9 is there: é")
        return result

    async with serving(odd) as stage:
        await stage.client.initialize(tmp_path)
        assert (await stage.client.request("inglenook/ask", {"question": "q"}))["answer"] == "caf? is there: é"


async def test_string_ids_come_back(tmp_path: Path):
    """An id is returned as it came, number or string."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        assert await stage.client.request("inglenook/clearTrace", {}, msg_id="seven") is None


@pytest.mark.parametrize("msg_id", ["", 0, -1, 2**60])
async def test_odd_ids_come_back(tmp_path: Path, msg_id: Any):
    """An id that is empty, zero or negative is the answer's id too."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        assert await stage.client.request("inglenook/clearTrace", msg_id=msg_id) is None


async def test_an_id_in_use_is_refused(tmp_path: Path):
    """A request with the id of one that still runs is refused; the first can be cancelled as ever."""
    began = asyncio.Event()

    async def answering(*_: Any) -> Any:
        began.set()
        await asyncio.Event().wait()

    async with serving(answering) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        client.begin("inglenook/ask", {"question": "q"}, msg_id=77)
        await began.wait()
        assert (await client.fails("inglenook/ask", {"question": "again"}, msg_id=77)).code == -32600
        client.notify("$/cancelRequest", {"id": 77})
        answers = await client.until(lambda: len(found := _answers(client, 77)) == 2 and found)
        assert answers[1]["error"]["code"] == -32800


def _answers(client: WireClient, msg_id: Any) -> list[Any]:
    return [message for message in client.messages if message.get("id") == msg_id and "method" not in message]


async def test_nothing_is_kept_of_what_was_handled(tmp_path: Path):
    """Edits and requests without number leave nothing behind in the protocol's books."""
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path)
        uri = (tmp_path / "a.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 0, "text": ""}
        client.notify("textDocument/didOpen", {"textDocument": document})
        for version in range(1, 21):
            changes = [{"text": f"x = {version}\n"}]
            params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": changes}
            client.notify("textDocument/didChange", params)
        await client.request("workspace/symbol", {"query": "x"})
        kept = stage.server.protocol._request_futures  # pyright: ignore[reportPrivateUsage]
        await client.until(lambda: not kept)
