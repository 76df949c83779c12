"""What a person sees of an answer."""

from __future__ import annotations

import pytest

from lsp_server.terminal import Terminal


def test_an_answer_cannot_command_the_terminal(capsys: pytest.CaptureFixture[str]):
    """Control characters, as a file may hold them, are spelt out; lines and tabs stay."""
    with Terminal(quiet=False) as terminal:
        terminal.progress(False, {"kind": "end", "message": "1 s\x1b[2J"})
        terminal.finish("a\tb\n\x1b]0;title\x07 \x9b31m\r c")
    told = capsys.readouterr()
    assert told.out == "a\tb\n\\x1b]0;title\\x07 \\x9b31m\\x0d c\n"
    assert told.err == "1 s\\x1b[2J\n"


def test_text_cannot_turn_the_line_round(capsys: pytest.CaptureFixture[str]):
    """What would show code in another order than it is written in is spelt out; joiners of scripts stay."""
    with Terminal(quiet=False) as terminal:
        terminal.finish("a\u202e\u2066b\u200e \u2028c \u200d")
    assert capsys.readouterr().out == "a\\u202e\\u2066b\\u200e \\u2028c \u200d\n"
