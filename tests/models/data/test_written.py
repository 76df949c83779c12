"""Examples written by hand: three shapes of line, and a clear sentence for a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.engine.base import ToolCall
from lsp_server.errors import ModelBuildFailed
from models.data.example import Ask, Example, Explanation, Lines
from models.data.written import read_written, written


def test_each_shape_is_read(tmp_path: Path):
    """Questions with calls and selections, direct questions, explanations."""
    (tmp_path / "a.jsonl").write_text(
        '{"kind": "where", "codebase": "shop", "asks": [{"question": "q", "answer": "a", '
        '"calls": [{"name": "search", "arguments": {"pattern": "p"}}], '
        '"selection": {"path": "a.py", "start": 1, "end": 2}}]}\n\n'
        '{"kind": "concept", "question": "q", "answer": "a"}\n'
        '{"codebase": "shop", "path": "a.py", "line": 3, "answer": "It opens."}\n',
        "utf-8",
    )
    found = read_written([tmp_path / "a.jsonl"])
    ask = Ask("q", (ToolCall("search", {"pattern": "p"}),), "a", Lines("a.py", 1, 2))
    assert found.examples == (Example("where", "shop", (ask,)), Example("concept", "", (Ask("q", (), "a"),)))
    assert found.explanations == (Explanation("shop", Lines("a.py", 3, 3), "It opens."),)


@pytest.mark.parametrize(
    "line",
    [
        '{"kind": "guess", "question": "q", "answer": "a"}',
        '{"kind": "where", "codebase": "shop", "asks": []}',
        '{"kind": "where", "codebase": "shop", "asks": [{"question": "q"}]}',
        '{"kind": "where", "asks": [{"question": "q", "answer": "a", "calls": [{"name": "search"}]}]}',
        '{"kind": "where", "asks": [{"question": "q", "answer": "a", "selection": {"path": "a.py"}}]}',
        "{",
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str):
    """The sentence says which line it is."""
    (tmp_path / "a.jsonl").write_text(f'{{"kind": "concept", "question": "q", "answer": "a"}}\n{line}\n', "utf-8")
    with pytest.raises(ModelBuildFailed, match=r"a\.jsonl, line 2, is broken"):
        read_written([tmp_path / "a.jsonl"])


def test_what_ships_is_whole():
    """Every line that ships can be read."""
    found = written()
    assert found.examples
    assert found.explanations
