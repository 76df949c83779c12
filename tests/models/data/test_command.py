"""`python -m models data`: what it prints of the data that ships."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from lsp_server.resident.chat import Chat
from models.data import assemble, command, record
from models.data.assemble import Data, data_hash
from models.data.rows import read_rows
from models.progress import Watch
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


def test_data_can_be_made_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """What ships stays as it is, and what is printed is of what was made."""
    shipped = data_hash(command.FOLDER)
    some = read_rows(command.FOLDER / "valid.jsonl")[:3]

    async def made(_chat: Chat, _watch: Watch) -> Data:
        return Data({"train": some, "valid": some[:1]}, ())

    monkeypatch.setattr(record, "load_chat", _bytes)
    monkeypatch.setattr(assemble, "make", made)
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    command.run(parser.parse_args(["make", "--out", str(tmp_path / "elsewhere")]))
    assert read_rows(tmp_path / "elsewhere" / "train.jsonl") == some
    known = json.loads((tmp_path / "elsewhere" / "data.json").read_text("utf-8"))
    assert (known["rows"], known["sha256"]) == ({"train": 3, "valid": 1}, data_hash(tmp_path / "elsewhere"))
    assert data_hash(command.FOLDER) == shipped
    assert "train: 3 rows" in capsys.readouterr().out
