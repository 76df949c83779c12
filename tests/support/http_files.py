"""A web server on this machine that serves bytes from memory, as well or as badly as a test wants."""

from __future__ import annotations

import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import attrs


@attrs.define
class Files:
    """What is served, and how."""

    content: dict[str, bytes]
    """By path."""
    types: dict[str, str] = attrs.field(factory=dict[str, str])
    """Content types, where not plain bytes."""
    ranges: bool = True
    """Whether `Range` is understood."""
    cuts: list[int] = attrs.field(factory=list[int])
    """The next answers end after so many bytes, one entry each."""
    asked: list[tuple[str, str | None]] = attrs.field(factory=list[tuple[str, str | None]])
    """Path and `Range` of every request."""
    heard: list[Mapping[str, str]] = attrs.field(factory=list[Mapping[str, str]])
    """All headers of every request."""
    url: str = ""


@contextmanager
def served(content: dict[str, bytes]) -> Generator[Files]:
    """Serve `content` while the block runs."""
    files = Files(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            _answer(self, files)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        files.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield files
        finally:
            server.shutdown()
            thread.join()


def _answer(request: BaseHTTPRequestHandler, files: Files) -> None:
    wanted = request.headers.get("Range")
    path = request.path.split("?")[0]
    files.asked.append((path, wanted))
    files.heard.append(dict(request.headers))
    if path not in files.content:
        request.send_error(404)
        return
    body = files.content[path]
    start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and files.ranges else 0
    if start >= len(body) > 0:
        request.send_error(416)
        return
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(body) - 1}/{len(body)}")
    request.send_header("Content-Type", files.types.get(path, "application/octet-stream"))
    request.send_header("Content-Length", str(len(body) - start))
    request.end_headers()
    end = files.cuts.pop(0) if files.cuts else len(body)
    with suppress(ConnectionError):  # the client may have heard enough
        request.wfile.write(body[start : start + end])
