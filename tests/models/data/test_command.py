"""`python -m models data`: what it prints of the data that ships."""

from __future__ import annotations

import argparse

import pytest

from lsp_server.resident.chat import Chat
from models.data import command, record
from support.scripted_backend import byte_chat


def _bytes(_recipe: str) -> Chat:
    return byte_chat()


def test_stats_prints_each_list(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Kinds, codebases, shares, tokens and ways of asking, of both sets."""
    monkeypatch.setattr(record, "load_chat", _bytes)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    command.run(parser.parse_args(["stats"]))
    printed = capsys.readouterr().out
    for expected in ("train: ", "valid: ", "with tools", "direct", "by codebase", "tokens", "ways of asking"):
        assert expected in printed
    assert "gunicorn" in printed.partition("valid: ")[0]
    assert "huey" in printed.partition("valid: ")[2]
