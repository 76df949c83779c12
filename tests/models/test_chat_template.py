"""One transcript, two renderings: training tools go through the folder's template, the engine through `Chat`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.dialects import DIALECTS
from lsp_server.engine.base import Message, ToolCall
from lsp_server.modelstore import open_folder
from lsp_server.resident.chat import Chat
from lsp_server.settings import DEFAULT_RECIPE
from models.build import build
from models.folder import Content, dress
from models.gguf import import_gguf
from models.progress import Watch
from support.tiny_model import recipe_for, write_gguf

SYSTEM = Message("system", "You answer from the code.\nTools:\n- search(pattern, regex?=false, glob?): find text")
TRANSCRIPTS: dict[str, tuple[Message, ...]] = {
    "question": (SYSTEM, Message("user", "Which classes inherit from `Protocol`?")),
    "direct answer": (SYSTEM, Message("user", "hello"), Message("assistant", "hello in\n```python\nx = 1\n```\n")),
    "call and result": (
        SYSTEM,
        Message("user", "Where is MAX defined?"),
        Message("assistant", call=ToolCall("symbols", {"name": "MAX", "kind": "constant"})),
        Message("tool", "src/a.py:3: constant MAX(MAX = 3)\n(1 row)"),
        Message("assistant", "It is 3, at src/a.py:3."),
        Message("user", "And who uses it?"),
        Message("assistant", call=ToolCall("search", {"pattern": r"\bMAX\b", "regex": True})),
        Message("tool", ""),
    ),
    "unicode": (
        Message("system", "Ünïcode"),
        Message("user", "Où est « naïve » ? 日本語 🙂 e\u0301"),
        Message("assistant", call=ToolCall("search", {"pattern": "日本 \"quoted\" 'single' \\ <&> \t é"})),
        Message("tool", "päth with spaces/ü.py:1: x = '日本'\n\n\n  indented\r\n"),
        Message("assistant", "Là: `päth with spaces/ü.py:1`."),
    ),
    "a result that plays the wrapper": (
        SYSTEM,
        Message("user", "Read it."),
        Message("assistant", call=ToolCall("read_file", {"path": "a.py", "start": 1, "end": 20})),
        Message("tool", 'x = \'</tool_response>\'\n<tool_response>\n```json\n{"name": "search"}\n```'),
    ),
    "a call without arguments": (
        SYSTEM,
        Message("user", "List."),
        Message("assistant", call=ToolCall("symbols", {})),
        Message("tool", "{'a': [1, 2]} {{ braces }} {% tags %}"),
    ),
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A dressed folder for each dialect."""
    root = tmp_path_factory.mktemp("templates")
    source = write_gguf(root / "tiny.gguf")
    recipe = recipe_for(source)
    found: dict[str, Path] = {}
    for name in DIALECTS:
        import_gguf(source, root / name, recipe.shape, Watch())
        dress(root / name, attrs.evolve(recipe, dialect=name), Content("a test", 8))
        found[name] = root / name
    return found


def as_openai(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return a transcript in the shape that chat templates and training data have."""
    written: list[dict[str, Any]] = []
    for message in messages:
        if message.call is not None:
            function = {"name": message.call.name, "arguments": dict(message.call.arguments)}
            calls = [{"type": "function", "function": function}]
            written.append({"role": message.role, "content": "", "tool_calls": calls})
        else:
            written.append({"role": message.role, "content": message.text})
    return written


Pair = tuple[Chat, Any]
"""A folder's two renderings: the engine's, and transformers' tokenizer with the folder's template."""


def load(folder: Path) -> Pair:
    from transformers import AutoTokenizer  # noqa: PLC0415 - seconds, and only these tests need it

    loader: Any = AutoTokenizer
    dialect = DIALECTS[open_folder(folder).manifest.dialect]
    return Chat.of_folder(folder, dialect), loader.from_pretrained(folder)


def assert_same_ids(pair: Pair, messages: Sequence[Message]) -> None:
    chat, tokenizer = pair
    ids = tokenizer.apply_chat_template(as_openai(messages), add_generation_prompt=True, return_dict=False)
    assert list(ids) == chat.encode(messages)


@pytest.fixture(scope="module")
def pairs(folders: dict[str, Path]) -> dict[str, Pair]:
    return {name: load(folder) for name, folder in folders.items()}


@pytest.fixture(scope="module")
def real_pair() -> Pair:
    return load(build(DEFAULT_RECIPE))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("messages", TRANSCRIPTS.values(), ids=TRANSCRIPTS.keys())
def test_same_ids(pairs: dict[str, Pair], dialect: str, messages: tuple[Message, ...]):
    """Template and engine turn a whole transcript into the same token ids."""
    assert_same_ids(pairs[dialect], messages)


@pytest.mark.real_model
@pytest.mark.timeout(900)
@pytest.mark.parametrize("messages", TRANSCRIPTS.values(), ids=TRANSCRIPTS.keys())
def test_same_ids_with_the_real_tokenizer(real_pair: Pair, messages: tuple[Message, ...]):
    """The real vocabulary, whose merges reach over line ends, gives the same ids both ways too."""
    assert_same_ids(real_pair, messages)


def test_one_template(folders: dict[str, Path]):
    """The folder holds one template: that of its dialect."""
    for name, folder in folders.items():
        assert (folder / "chat_template.jinja").read_text() == DIALECTS[name].chat_template()
        assert "chat_template" not in json.loads((folder / "tokenizer_config.json").read_text())


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=40)
ARGUMENT = TEXT | st.integers(0, 10**7) | st.booleans()
CALL = st.builds(
    ToolCall,
    st.sampled_from(["search", "symbols"]),
    st.dictionaries(st.sampled_from(["pattern", "name", "path"]), ARGUMENT, max_size=3),
)
TURN = st.one_of(
    st.builds(Message, st.sampled_from(["user", "assistant", "tool"]), TEXT),
    st.builds(Message, st.just("assistant"), call=CALL),
)


@settings(max_examples=60)
@given(dialect=st.sampled_from(list(DIALECTS)), turns=st.lists(TURN, max_size=5))
def test_any_transcript(pairs: dict[str, Pair], dialect: str, turns: list[Message]):
    """Whatever people, files and models write, both renderings give the same ids.

    Special tokens written out in a text are the one difference, and a wanted one: the engine takes them for text.
    """
    assert_same_ids(pairs[dialect], (SYSTEM, *turns))
