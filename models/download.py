"""One file over HTTP: resumed where it stopped, checked, and only then given its name."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import IO, Protocol

import attrs

from lsp_server.errors import ModelBuildFailed
from models.progress import BuildCancelled, Cancelled

CHUNK_BYTES = 1 << 20
_TIMEOUT_SECONDS = 8.0
"""Of silence; a transfer that stalls is taken up again, a host that never answered is given up."""
_BARREN_TRIES = 3
"""A download gives up after this many connections in a row that brought nothing."""
_PARTIAL_CONTENT = 206
_RANGE_NOT_SATISFIABLE = 416


class Unreachable(Exception):
    """A source cannot be had now; another one may. The text is one sentence without its full stop."""


class Digest(Protocol):
    """A running hash."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes in."""
        ...

    def hexdigest(self) -> str:
        """Return the hash so far."""
        ...


@attrs.frozen
class Remote:
    """A file to be had, and how it is known to be the right one."""

    url: str
    bytes: int
    digest: str
    """Hexadecimal."""
    new_digest: Callable[[], Digest] = hashlib.sha256
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    """Sent to the URL's own host only, not to where it redirects."""
    certificates: str | None = None
    """A file of authorities to trust, where the system's do not do."""


def download(remote: Remote, target: Path, advance: Callable[[int], None], cancelled: Cancelled) -> Path:
    """Bring `remote` to `target`, going on from `target.part` if there is one.

    Args:
        remote: what to bring.
        target: its place; it appears there whole and right, or not at all.
        advance: told the bytes that are here so far.
        cancelled: asked between chunks.

    Raises:
        Unreachable: nobody answers, or the server has no such file; what came is kept for the next try.
        ModelBuildFailed: the bytes are not the right ones; they are deleted.
        BuildCancelled: `cancelled` said so.
        OSError: the disk refused.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    barren, best = 0, _size(part)
    while _size(part) < remote.bytes:
        try:
            _receive(remote, part, advance, cancelled)
        except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
            barren = 0 if _size(part) > best else barren + 1  # bytes that come a second time are no progress
            best = max(best, _size(part))
            if barren == _BARREN_TRIES or not _worth_another_try(error):
                raise Unreachable(f"{_host(remote.url)} {_why(error)}") from error
        else:
            break
    verify(part, remote.bytes, remote.digest, remote.new_digest)
    part.replace(target)
    return target


def verify(path: Path, size: int, digest: str, new_digest: Callable[[], Digest] = hashlib.sha256) -> None:
    """Delete the file at `path` and say so unless it has that size and hash.

    Raises:
        ModelBuildFailed: it has not.
    """
    actual = file_digest(path, new_digest())
    if _size(path) == size and actual == digest:
        return
    found = f"{_size(path):,} bytes with hash {actual}"
    path.unlink(missing_ok=True)
    raise ModelBuildFailed(
        f"{path.name.removesuffix('.part')} is not the file that the recipe pins: expected {size:,} bytes with hash "
        f"{digest}, found {found}. It was deleted.",
    )


def file_digest(path: Path, digest: Digest | None = None) -> str:
    """Return the hash (SHA-256 by default) of the file at `path`, in hexadecimal."""
    running = digest or hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            running.update(chunk)
    return running.hexdigest()


@contextlib.contextmanager
def open_url(
    url: str, headers: Mapping[str, str], certificates: str | None = None, timeout: float = _TIMEOUT_SECONDS
) -> Generator[http.client.HTTPResponse]:
    """Open `url` (HTTP or HTTPS only), through the environment's proxies.

    Raises:
        URLError, OSError: it cannot be had.
    """
    if not url.startswith(("https://", "http://")):
        raise urllib.error.URLError(f"has an address of a kind that is not fetched: {url.split(':', 1)[0]}")
    request = urllib.request.Request(url)  # noqa: S310 - the scheme was just checked
    for name, value in headers.items():
        request.add_unredirected_header(name, value)
    request.add_header("User-Agent", "inglenook")
    with urllib.request.urlopen(request, timeout=timeout, context=_trust(certificates)) as response:  # noqa: S310 - likewise
        yield response


def _receive(remote: Remote, part: Path, advance: Callable[[int], None], cancelled: Cancelled) -> None:
    """Append to `part` what the server sends; start again if it will not go on from there."""
    start = _size(part)
    headers = dict(remote.headers) | ({"Range": f"bytes={start}-"} if start else {})
    with _ranged(remote, headers, part) as response:
        resumed = response.status == _PARTIAL_CONTENT and _range_start(response) == start
        with part.open("ab" if resumed else "wb") as file:
            _copy(response, file, remote.bytes, advance, cancelled)
    if _size(part) < remote.bytes:
        raise ConnectionError("closed the connection early")


@contextlib.contextmanager
def _ranged(remote: Remote, headers: Mapping[str, str], part: Path) -> Generator[http.client.HTTPResponse]:
    try:
        with open_url(remote.url, headers, remote.certificates) as response:
            yield response
    except urllib.error.HTTPError as error:
        if error.code != _RANGE_NOT_SATISFIABLE:
            raise
        part.unlink()
        raise ConnectionError("no longer has what was begun") from error


def _copy(
    source: IO[bytes] | http.client.HTTPResponse,
    file: IO[bytes],
    limit: int,
    advance: Callable[[int], None],
    cancelled: Cancelled,
) -> None:
    advance(file.tell())
    while chunk := source.read(CHUNK_BYTES):
        if cancelled():
            raise BuildCancelled
        file.write(chunk)
        advance(min(file.tell(), limit))
        if file.tell() > limit:  # whatever this is, it is not ours: do not fill the disk with it
            return


def _range_start(response: http.client.HTTPResponse) -> int | None:
    """Return the first byte of `Content-Range: bytes 5-9/10`."""
    first = response.headers.get("Content-Range", "").removeprefix("bytes ").split("-")[0]
    return int(first) if first.isdigit() else None


def _trust(certificates: str | None) -> ssl.SSLContext:
    """Return the system's authorities, those that pip was given, and, where there are none, certifi's."""
    context = ssl.create_default_context()
    with contextlib.suppress(OSError, ssl.SSLError):
        if certificates:
            context.load_verify_locations(certificates)
        elif not context.cert_store_stats()["x509_ca"] and not os.environ.get("SSL_CERT_FILE"):
            import certifi  # noqa: PLC0415 - only a python.org build on macOS comes without authorities

            context.load_verify_locations(certifi.where())
    return context


def _worth_another_try(error: BaseException) -> bool:
    """Whether the same request may succeed at once: a broken connection, not an answer or an unknown host."""
    return not isinstance(error, urllib.error.URLError) or isinstance(error.reason, ConnectionError | TimeoutError)


def _why(error: BaseException) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"answered {error.code} {error.reason}"
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    return f"could not be reached ({reason})" if str(reason) else f"could not be reached ({type(reason).__name__})"


def _host(url: str) -> str:
    return url.split("/")[2] if url.count("/") > 1 else url


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
