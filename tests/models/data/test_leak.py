"""What must not be in the data is recognised, and is not in it."""

from __future__ import annotations

from collections import Counter
from importlib import resources
from pathlib import Path
from typing import get_args

import pytest

from lsp_server.agent import explain_prompt, prompts
from lsp_server.dialects import dialect_named
from lsp_server.engine.base import Message, ToolCall
from models.data import leak
from models.data.assemble import way_of_asking
from models.data.codebases import sources
from models.data.example import DirectKind, ToolKind
from models.data.rows import Row, read_rows


def row(*texts: str, call: ToolCall | None = None) -> Row:
    turns = [Message("assistant", call=call)] if call else []
    return Row("a", "where", "shop", "", (Message("system", "flask"), *map(_user, texts), *turns))


def _user(text: str) -> Message:
    return Message("user", text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Does it work with Flask?", True),
        ("import click", True),
        ("from rich.console import Console", True),
        ("the `rich` package", True),
        ("@click.command()", True),
        ("a class made with attrs.define", True),
        ("Where is the click handled?", False),
        ("rich text", False),
        ("attrs = {'src': url}", False),
        ("structlogger", False),
    ],
)
def test_a_measured_package_is_found_but_no_ordinary_word(text: str, named: bool):
    """Names that are words count only where a package is meant."""
    assert (leak.named(row(text)) is not None) == named


def test_a_package_in_a_calls_arguments_is_found_and_the_system_message_is_left_out():
    """What the model would generate counts, the prompt of all rows does not."""
    assert leak.named(row("Where?", call=ToolCall("search", {"pattern": "django"}))) == "django"
    assert leak.named(row("Where?")) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Where is `Basket` defined?", "where is Till defined", True),
        ("Who calls Basket.close?", "Who calls open_till()?", True),
        ("What is in src/shop/core.py?", "what is in README.md", True),
        ("Where is Basket defined?", "Where is Basket used?", False),
        ("What is a decorator?", "What is a generator?", False),
    ],
)
def test_questions_are_the_same_when_only_names_of_code_differ(one: str, other: str, same: bool):
    """Case, marks and names do not tell questions apart; words do."""
    assert (leak.normal(one) == leak.normal(other)) == same


def test_measuring_questions_are_read_from_every_set():
    """The sets of both benches count."""
    questions = leak.measured_questions()
    assert leak.normal("where is the width of help pages limited when the terminal is very wide") in questions
    assert leak.normal("Which classes extend `ShellComplete`?") in questions


@pytest.fixture(scope="module", params=["train", "valid"])
def rows(request: pytest.FixtureRequest) -> tuple[Row, ...]:
    with resources.as_file(resources.files("models.data").joinpath(f"{request.param}.jsonl")) as path:
        return read_rows(Path(path))


def test_no_row_names_what_is_measured_or_reserved(rows: tuple[Row, ...]):
    """Questions, results and answers are free of the packages that measure."""
    assert [each.id for each in rows if leak.named(each) is not None] == []


def test_no_row_asks_what_a_measuring_set_asks(rows: tuple[Row, ...]):
    """Not even of other code in the same words."""
    measured = leak.measured_questions()
    assert [each.id for each in rows if any(leak.normal(question) in measured for question in each.questions)] == []


def test_rows_were_recorded_with_the_prompts_in_force(rows: tuple[Row, ...]):
    """The data is made anew when a prompt changes: `python -m models data make`."""
    known = {prompts.system_prompt(dialect_named("json-fence")), explain_prompt.SYSTEM}
    assert {each.messages[0].text for each in rows} == known


def test_no_way_of_asking_makes_up_more_than_two_percent(rows: tuple[Row, ...]):
    """Neither a template nor words that recur."""
    used = Counter(wording for each in rows if (wording := way_of_asking(each)))
    assert max(used.values()) <= max(2, 0.02 * len(rows))


def test_codebases_and_kinds_are_as_they_should():
    """No codebase is in both sets; sixteen train, four of them not Python; two thirds of the questions need tools."""
    with resources.as_file(resources.files("models.data")) as folder:
        train, valid = (read_rows(folder / f"{split}.jsonl") for split in ("train", "valid"))
    split = {each.pinned.name: each.split for each in sources()}
    assert {split[each.codebase] for each in train} == {"train"}
    assert {split[each.codebase] for each in valid} == {"valid"}
    languages = {each.pinned.name: each.language for each in sources()}
    assert len({each.codebase for each in train}) >= 12
    assert len({each.codebase for each in train if languages[each.codebase] != "python"}) >= 2
    kinds = Counter(each.kind for each in train)
    tool, direct = (sum(kinds[kind] for kind in get_args(group)) for group in (ToolKind, DirectKind))
    assert len(train) >= 1200
    assert 0.6 <= tool / (tool + direct) <= 0.72
    assert all(kinds[kind] for group in (ToolKind, DirectKind) for kind in get_args(group))
    assert {call.name for each in train for call in each.calls} == {tool.name for tool in prompts.TOOLS}
