"""Examples are played through the product; what would teach something wrong is refused."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest

from lsp_server.agent.explain_prompt import SYSTEM
from lsp_server.agent.prompts import system_prompt
from lsp_server.engine.base import ToolCall
from lsp_server.settings import Settings
from lsp_server.workspace.workspace import Workspace
from models.data.codebases import Codebase
from models.data.example import Ask, Example, Explanation, Kind, Lines
from models.data.record import Recorder, Refused
from models.data.rows import encode
from support.sample import write_sample
from support.scripted_backend import byte_chat

LISTED = ToolCall("symbols", {"inherits": "Base"})
AUDITED = ToolCall("symbols", {"calls": "audit"})
READ = ToolCall("read_file", {"path": "src/shop/core.py", "start": 6, "end": 9})
ROOM = 20_000
"""Tokens; the tests' tokenizer takes one a byte."""


@pytest.fixture
def recorder(tmp_path: Path) -> Recorder:
    root = write_sample(tmp_path)
    codebase = Codebase("shop", root, "python", "train", Workspace([root], Settings()))
    return Recorder(codebase, byte_chat(), ROOM)


def asked(
    question: str, answer: str, *calls: ToolCall, kind: Kind = "subclasses", selection: Lines | None = None
) -> Example:
    return Example(kind, "shop", (Ask(question, calls, answer, selection),), "wording/1")


SUBCLASSES = asked("Which classes inherit from Base?", "Two classes do, in two files.", LISTED)


async def test_a_row_is_the_products_own_transcript(recorder: Recorder):
    """Prompt, lookup line and result are what the product makes of them."""
    row = await recorder.record(SUBCLASSES)
    system, user, call, result, answer = row.messages
    assert system.text == system_prompt(byte_chat().dialect)
    assert user.text == "Which classes inherit from Base?\n\nIn this workspace: `Base` in src/shop/core.py"
    assert call.call == LISTED
    assert result.text.startswith("2 symbols in 2 files\nsrc/shop/core.py:16: class Basket(Base)")
    assert answer.text == "Two classes do, in two files."
    assert (row.kind, row.codebase, row.wording) == ("subclasses", "shop", "wording/1")


FOLLOW_UP = Example(
    "follow-up",
    "shop",
    (
        Ask("Which classes inherit from Base?", (LISTED, READ), "Two, see `src/shop/core.py:16`."),
        Ask("What is an abstract class?", (), "One that cannot be made itself."),
        Ask("And what does Till do?", (ToolCall("symbols", {"name": "Till"}),), "It is at `src/shop/till.py:4`."),
    ),
)
SELECTED = asked(
    "callers?",
    "One, in `src/shop/till.py:6`.",
    ToolCall("symbols", {"calls": "close"}),
    kind="selection-tool",
    selection=Lines("src/shop/core.py", 26, 27),
)


@pytest.mark.parametrize("example", [SUBCLASSES, FOLLOW_UP, SELECTED], ids=["one call", "follow-up", "selection"])
async def test_every_prompt_that_the_product_sends_begins_the_row(recorder: Recorder, example: Example):
    """What is trained on are the very ids that a model would be given and generate, turn for turn."""
    chat = byte_chat()
    row = await recorder.record(example)
    encoded = encode(row, chat)
    whole = [*encoded.prefix_ids, *encoded.ids]
    prompts = [chat.encode(job.messages) for job in recorder.engine.jobs]
    assert len(prompts) == sum(len(ask.calls) + 1 for ask in example.asks)
    for prompt in prompts:
        assert whole[: len(prompt)] == prompt
        assert encoded.trained[len(prompt) - len(encoded.prefix_ids)]
        assert not encoded.trained[len(prompt) - len(encoded.prefix_ids) - 1]


async def test_calls_are_free_in_every_turn(recorder: Recorder):
    """No mode of the recipe in use, which an untuned model needs, shapes the data."""
    await recorder.record(FOLLOW_UP)
    assert {job.calls for job in recorder.engine.jobs} == {"free"}


async def test_arguments_stand_in_the_order_in_which_they_are_generated(recorder: Recorder):
    """The grammar writes a call's properties in the schema's order."""
    call = ToolCall("symbols", {"kind": "class", "name": "Basket"})
    row = await recorder.record(asked("Where is the class Basket?", "At `src/shop/core.py:16`.", call))
    assert [list(call.arguments) for call in row.calls] == [["name", "kind"]]


REFUSED: Sequence[tuple[str, Example]] = [
    ("could not be verified", asked("Which classes inherit from Base?", "See `src/shop/core.py:3`.", LISTED)),
    ("failed", asked("Show src/shop/lost.py", "Nothing.", ToolCall("read_file", {"path": "src/shop/lost.py"}))),
    ("found nothing", asked("Who inherits from Till?", "None.", ToolCall("symbols", {"inherits": "Till"}))),
    ("or the other way round", attrs.evolve(SUBCLASSES, kind="not-found")),
    ("limit", asked("Which classes inherit from Base?", "Two.", LISTED, LISTED)),
    ("without a call", asked("Which classes inherit from Base?", "Two.")),
    ("with a call", asked("Which classes inherit from Base?", "Two.", LISTED, kind="concept")),
    ("nobody said", asked("What opens the shop?", "A basket.", ToolCall("symbols", {"name": "Basket"}))),
    ("repeats a row", asked("Who calls audit?", "src/shop/core.py:27: audit(self.owner) (in Basket.close)", AUDITED)),
    ("blanks", attrs.evolve(SUBCLASSES, asks=(attrs.evolve(SUBCLASSES.asks[0], answer=" Two."),))),
]


@pytest.mark.parametrize(("reason", "example"), REFUSED, ids=[reason for reason, _ in REFUSED])
async def test_what_would_teach_something_wrong_is_refused(recorder: Recorder, reason: str, example: Example):
    """The reason is said in words that can be counted."""
    with pytest.raises(Refused, match=reason):
        await recorder.record(example)


async def test_a_call_may_fail_where_the_example_is_about_that(recorder: Recorder):
    """A failure, its hint and the better call make one row."""
    lost = ToolCall("read_file", {"path": "src/shop/cores.py"})
    row = await recorder.record(
        asked("Read src/shop/cores.py", "It is `src/shop/core.py`.", lost, READ, kind="failure")
    )
    assert row.messages[3].text.startswith("Not done: ")


async def test_a_row_that_is_too_long_is_refused(tmp_path: Path):
    """Rows have a fixed number of tokens at most."""
    root = write_sample(tmp_path)
    codebase = Codebase("shop", root, "python", "train", Workspace([root], Settings()))
    with pytest.raises(Refused, match="more than 1,024 tokens"):
        await Recorder(codebase, byte_chat()).record(SUBCLASSES)


async def test_an_explanation_is_the_products_own_prompt(recorder: Recorder):
    """The symbol that begins on a line is explained with its code and its callers."""
    explanation = Explanation("shop", Lines("src/shop/core.py", 21, 21), "Adds an item, which must have a name.")
    row = await recorder.explain(explanation)
    assert row.messages[0].text == SYSTEM
    assert "def add(self, item: str) -> int:" in row.messages[1].text
    assert row.messages[2].text == "Adds an item, which must have a name."


@pytest.mark.parametrize(
    ("line", "answer", "reason"),
    [
        (21, "One. Two. Three. Four.", "other words"),
        (21, "- a list", "no such explanation"),
        (1, "The shop's module.", "nothing to explain"),
    ],
)
async def test_an_explanation_that_nobody_would_see_is_refused(recorder: Recorder, line: int, answer: str, reason: str):
    """Words that the product cuts, and places where nothing stands, teach nothing."""
    with pytest.raises(Refused, match=reason):
        await recorder.explain(Explanation("shop", Lines("src/shop/core.py", line, line), answer))
