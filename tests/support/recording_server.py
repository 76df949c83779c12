"""An OpenAI-compatible server in this process that says what a script tells it and records what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import attrs

Reply = str | Mapping[str, Any] | int


@attrs.define
class Recording:
    """What the server was sent, and where it listens."""

    url: str
    requests: list[dict[str, Any]] = attrs.field(factory=list[dict[str, Any]])
    keys: list[str] = attrs.field(factory=list[str])


def native_call(name: str, arguments: str, call_id: str = "c1") -> Mapping[str, Any]:
    """Return a reply that calls a tool in the protocol's own way."""
    function = {"name": name, "arguments": arguments}
    return {"tool_calls": [{"index": 0, "id": call_id, "type": "function", "function": function}]}


@contextmanager
def recording_server(*replies: Reply) -> Generator[Recording]:
    """Serve the replies one after the other: text, a delta, or an HTTP status to fail with.

    Text honours `stop`, as real servers do.
    """
    script = list(replies)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(json.dumps({"object": "list", "data": [{"id": "first", "object": "model"}]}), "application/json")

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            recording.requests.append(body)
            recording.keys.append(self.headers.get("Authorization", ""))
            reply = script.pop(0)
            if isinstance(reply, int):
                self._send('{"error": {"message": "no"}}', "application/json", reply)
                return
            self._send("".join(_events(reply, body)), "text/event-stream")

        def _send(self, text: str, kind: str, status: int = 200) -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recording = Recording(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield recording
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _events(reply: str | Mapping[str, Any], body: dict[str, Any]) -> Iterator[str]:
    deltas: list[Mapping[str, Any]] = []
    if isinstance(reply, str):
        stops: list[str] = body.get("stop") or []
        for stop in stops:
            reply = reply.partition(stop)[0]
        deltas += [{"content": reply[at : at + 4]} for at in range(0, len(reply), 4)]
    else:
        deltas.append(reply)
    for delta in deltas:
        yield _event({"choices": [{"index": 0, "delta": {"role": "assistant", **delta}, "finish_reason": None}]})
    reason = "stop" if isinstance(reply, str) else "tool_calls"
    yield _event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 10,
        "total_tokens": 110,
        "prompt_tokens_details": {"cached_tokens": 40},
    }
    yield _event({"choices": [], "usage": usage})
    yield "data: [DONE]\n\n"


def _event(data: Mapping[str, Any]) -> str:
    whole = {"id": "x", "object": "chat.completion.chunk", "created": 1, "model": "first", **data}
    return f"data: {json.dumps(whole)}\n\n"
