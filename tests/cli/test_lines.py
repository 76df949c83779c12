"""Lines come whole, however the pipe cuts them."""

from __future__ import annotations

import asyncio
import os
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.lines import lines_of


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\ufeff")), max_size=5), st.booleans())
def test_lines_come_as_they_stand(lines: list[str], ended: bool):
    """A file's lines come in order, the last one also without an end."""

    async def read() -> list[str]:
        with tempfile.TemporaryFile() as file:
            file.write("\n".join([*lines, ""] if ended else lines).encode())
            file.seek(0)
            return [line async for line in lines_of(file.fileno())]

    assert asyncio.run(read()) == (lines if ended or (lines and lines[-1]) else lines[:-1])


async def test_a_line_comes_before_the_next_is_written():
    """A writer that waits for an answer gets one."""
    read, write = os.pipe()
    lines = lines_of(read)
    for text in ("one", "two"):
        os.write(write, f"{text}\r\n".encode())
        assert await anext(lines) == text
    os.close(write)
    assert [line async for line in lines] == []
    os.close(read)


async def test_what_cannot_be_read_is_told(tmp_path: object):
    """The system's refusal is raised where the lines are awaited."""
    folder = os.open(str(tmp_path), os.O_RDONLY)
    with pytest.raises(IsADirectoryError):
        await anext(lines_of(folder))
    os.close(folder)
