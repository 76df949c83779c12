"""Rows on the disk and as token ids."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest

from lsp_server.engine.base import Message, ToolCall
from lsp_server.errors import ModelBuildFailed
from models.data.rows import Row, encode, read_rows, write_rows
from support.scripted_backend import byte_chat

CALL = ToolCall("symbols", {"name": "Basket"})
ROW = Row(
    "definition-1",
    "definition",
    "shop",
    "definition/01",
    (
        Message("system", "Answer."),
        Message("user", "Where is Basket?\n\nIn this workspace: `Basket` in core.py"),
        Message("assistant", call=CALL),
        Message("tool", "1 symbol in 1 file\ncore.py:3: class Basket <|im_end|>"),
        Message("assistant", "At `core.py:3`."),
        Message("user", "thanks"),
        Message("assistant", "You are welcome."),
    ),
)


def test_rows_come_back_as_they_were_written(tmp_path: Path):
    """Reading a written file gives equal rows."""
    write_rows(tmp_path / "rows.jsonl", [ROW, attrs.evolve(ROW, id="definition-2")])
    assert read_rows(tmp_path / "rows.jsonl") == (ROW, attrs.evolve(ROW, id="definition-2"))


def test_every_assistant_turn_is_trained_with_its_end_and_nothing_else():
    """The trained ids are calls and answers, each closed by the turn's end."""
    chat = byte_chat()
    encoded = encode(ROW, chat)
    trained = [token for token, is_trained in zip(encoded.ids, encoded.trained, strict=True) if is_trained]
    said = [chat.dialect.render_call(CALL), "At `core.py:3`.", "You are welcome."]
    assert trained == [token for text in said for token in (*chat.encode_text(text), chat.turn_end)]


def test_a_row_begins_with_the_prompt_that_the_product_sends():
    """The ids up to the first trained one are the product's own prompt, the system message apart."""
    chat = byte_chat()
    encoded = encode(ROW, chat)
    prompt = chat.encode(ROW.messages[:2])
    first = encoded.trained.index(True)
    assert [*encoded.prefix_ids, *encoded.ids[:first]] == prompt
    assert encode(attrs.evolve(ROW, messages=ROW.messages[:5]), chat).prefix_ids == encoded.prefix_ids


def test_what_the_product_added_is_no_part_of_a_question():
    """A lookup line is left out, of every question."""
    assert ROW.questions == ("Where is Basket?", "thanks")


@pytest.mark.parametrize(
    "line",
    [
        '{"id": "a"',
        "[1, 2]",
        '{"id": "a", "kind": "definition"}',
        json.dumps({"id": "a", "kind": "k", "codebase": "c", "wording": "", "messages": [{"role": "system"}] * 3}),
        json.dumps(
            {
                "id": "a",
                "kind": "k",
                "codebase": "c",
                "wording": "",
                "messages": [{"role": role, "content": "x"} for role in ("system", "user", "user")],
            }
        ),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str):
    """The sentence says which line of which file is broken, the hint what to do."""
    path = tmp_path / "rows.jsonl"
    write_rows(path, [ROW])
    path.write_text(path.read_text("utf-8") + "\n" + line + "\n", "utf-8")
    with pytest.raises(ModelBuildFailed) as caught:
        read_rows(path)
    assert f"{path}, line 3, is broken" in caught.value.sentence
    assert "make" in caught.value.hint


def test_a_missing_file_is_a_sentence(tmp_path: Path):
    """No file, no traceback."""
    with pytest.raises(ModelBuildFailed, match="cannot be read"):
        read_rows(tmp_path / "rows.jsonl")
