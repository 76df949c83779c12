"""Frames arrive whole, however the pipe cuts them."""

from __future__ import annotations

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.lsp.streams import MAX_BODY_BYTES, FrameError, FrameParser, FrameReader, FrameWriter


def framed(body: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@given(st.lists(st.binary(max_size=60), max_size=6), st.integers(1, 50))
def test_any_cut_gives_the_same_bodies(bodies: list[bytes], size: int):
    """The parser yields the same bodies wherever the stream is cut."""
    stream = b"".join(map(framed, bodies))
    parser = FrameParser()
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    assert [body for piece in pieces for body in parser.feed(piece)] == bodies


def test_other_headers_and_cases_are_taken():
    """Header names are read in any case, and unknown headers are passed over."""
    data = b"content-type: x\r\nCONTENT-LENGTH: 2\r\n\r\n{}"
    assert list(FrameParser().feed(data)) == [b"{}"]


def test_rubbish_before_a_header_is_passed_over():
    """Lines that are no header do not stop the next frame."""
    assert list(FrameParser().feed(b"hello\r\nContent-Length: nine\r\n\r\n" + framed(b"{}"))) == [b"{}"]


@pytest.mark.parametrize(
    "data",
    [b"x" * 70_000, b"Content-Length: %d\r\n" % (MAX_BODY_BYTES + 1), b"Content-Length: %b\r\n" % (b"9" * 5000)],
)
def test_a_frame_beyond_measure_ends_the_connection(data: bytes):
    """A header without end, or a body beyond all measure, is refused."""
    with pytest.raises(FrameError):
        list(FrameParser().feed(data))


def test_the_reader_tells_of_the_end():
    """A closed pipe is told once, after the bodies."""
    read, write = os.pipe()
    told: list[bytes | str] = []
    ended = threading.Event()

    def on_end(reason: str) -> None:
        told.append(reason)
        ended.set()

    FrameReader(read, told.append, on_end).start()
    os.write(write, framed(b"{}"))
    os.close(write)
    assert ended.wait(10)
    assert told == [b"{}", "the client closed the connection"]
    os.close(read)


def test_the_writer_never_waits_for_the_client():
    """More than a pipe holds is accepted at once, and arrives when the client reads."""
    read, write = os.pipe()
    writer = FrameWriter(write, lambda reason: None)
    data = os.urandom(1 << 20)
    writer.write(data)
    received = b""
    while len(received) < len(data):
        received += os.read(read, 1 << 16)
    assert received == data
    writer.close()
    os.close(read)
    os.close(write)


def test_a_lost_client_is_told():
    """Writing to a client that has gone tells of it."""
    read, write = os.pipe()
    lost = threading.Event()
    writer = FrameWriter(write, lambda reason: lost.set())
    os.close(read)
    writer.write(b"x")
    assert lost.wait(10)
    os.close(write)
