"""What stands below the words of an answer: rows, places, output, and notes on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from lsp_server.engine.base import ToolCall
from support.asking import Asking
from support.scripted_engine import call

Make = Callable[..., Asking]


async def test_listing(asking: Make):
    """The model's words are followed by the whole list, rendered from the rows of the call that answers."""
    it = asking(call("symbols", kind="class", inherits="Base"), "Two classes inherit from `Base`.")
    result = await it.ask("Which classes inherit from Base?")
    assert result.answer == (
        "Two classes inherit from `Base`.\n\n"
        "- `src/shop/core.py:16`: class `Basket(Base)`\n"
        "- `src/shop/till.py:4`: class `Till(Base)`"
    )
    assert result.outcome == "answered"
    assert [(row.path, row.start, row.verified) for row in result.evidence] == [
        ("src/shop/core.py", 16, True),
        ("src/shop/till.py", 4, True),
    ]
    assert result.citations == ()
    assert it.heard.text == result.answer


async def test_a_remark_on_the_rows_stands_below_them(asking: Make, root: Path):
    """The words may have passed it over."""
    (root / "src/shop/sized.py").write_text("class Sized(Protocol): ...\n")
    it = asking(call("symbols", name="Protocol"), "There is one `Protocol`.")
    assert (await it.ask("Where is Protocol?")).answer == (
        "There is one `Protocol`.\n\n- `src/shop/sized.py:1`: class `Sized(Protocol)`\n\n"
        "(Note: Nothing here defines Protocol; these inherit from it.)"
    )


async def test_evidence_is_the_last_rows(asking: Make):
    """Evidence is what the last call with rows returned; a call in vain after it changes nothing."""
    it = asking(call("symbols", name="Till"), call("search", pattern="zebra"), "So.")
    result = await it.ask("Where?")
    assert [row.path for row in result.evidence] == ["src/shop/till.py"]
    assert "`src/shop/till.py:4`: class `Till(Base)`" in result.answer


async def test_reading_is_the_place_that_answers(asking: Make):
    """When a file was read last, its place is shown, and the search before it was a way to the answer."""
    it = asking(call("search", pattern="basket"), call("read_file", path="README.md"), "It is a shop.")
    result = await it.ask("What is it?")
    assert result.answer == "It is a shop.\n\n- `README.md:1`: `# Shop`"
    assert [(row.path, row.start, row.end) for row in result.evidence] == [("README.md", 1, 3)]


async def test_a_reading_that_the_words_cite_is_not_listed_again(asking: Make):
    """One place of what was read is enough."""
    it = asking(call("read_file", path="src/shop/till.py"), "`Till` is in src/shop/till.py:4 indeed.")
    assert (await it.ask("Where is Till?")).answer == "`Till` is in src/shop/till.py:4 indeed."


async def test_what_was_near_by_words_is_shown_beside_the_place_that_was_read(asking: Make, root: Path):
    """The model read one of several guesses, perhaps not the best: the person is given the others."""
    (root / "src/shop/money.py").write_text("def round_change(coins):\n    return coins\n")
    it = asking(
        call("search", pattern="pay change coins"),
        call("read_file", path="src/shop/till.py", start=4, end=6),
        "A `Till` pays at src/shop/till.py:5, so.",
    )
    result = await it.ask("How is change paid?")
    assert result.answer.startswith(
        "A `Till` pays at src/shop/till.py:5, so.\n\nNearest by words, not read:\n\n- `src/shop/money.py:1`: `def round"
    )
    assert "- `src/shop/till.py" not in result.answer
    assert [(row.path, row.start) for row in result.evidence] == [("src/shop/till.py", 4)]


async def test_what_a_command_printed_stands_below_the_words(asking: Make, root: Path):
    """The words may be wrong about it; a long output is cut, and back-ticks in it end no block."""
    (root / "notes.txt").write_text("".join(f"  line {number} ```\n" for number in range(1, 31)))
    it = asking(call("run_command", command="head -n 20 notes.txt"), "These are notes.")
    answer = (await it.ask("What do the notes say?")).answer
    words, heading, output = answer.split("\n\n")
    assert (words, heading) == ("These are notes.", "Output of `head -n 20 notes.txt`:")
    lines = output.split("\n")
    assert (lines[0], lines[1], lines[-1]) == ("````text", "  line 1 ```", "````")
    assert (len(lines), lines[-2]) == (15, "… and 8 more lines")
    found = asking(call("run_command", command="wc -l notes.txt"), call("symbols", name="Till"), "So.")
    assert "Output of" not in (await found.ask("Where is the till?")).answer


@pytest.mark.parametrize(
    "later",
    [
        [call("symbols", name="Till")],
        [call("run_command", command="wc -l README.md")],
        [call("read_file", path="README.md"), call("symbols", name="Till")],
    ],
)
async def test_what_was_near_by_words_gives_way_to_what_was_found_since(asking: Make, later: list[ToolCall]):
    """Whoever found a definition or ran a command after it no longer depends on guesses."""
    it = asking(call("search", pattern="pay change coins"), *later, "So.")
    assert "Nearest by words" not in (await it.ask("How?")).answer


async def test_a_file_name_is_no_markdown(asking: Make, root: Path):
    """What a file is called is shown as it is, in the list and in the line that stands for a wordless answer."""
    name = "![x](y)<img src=z>`.py"
    (root / name).write_text("class Odd: ...\n")
    listed = await asking(call("symbols", name="Odd"), "").ask("Where?")
    assert listed.answer.endswith(f"- `` {name}:1 ``: class `Odd`")
    read = await asking(call("read_file", path=name), "").ask("What?")
    assert read.answer == f"`` {name}:1-1 of 1 lines ``"
