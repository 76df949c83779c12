from __future__ import annotations

import pytest

from models.bench.model.answers import Answer, Call, Turn
from models.bench.model.questions import Lines, Question
from models.bench.model.scores import TURN_TOKENS, Match, malformed, match, score, states

FOUND = Call("symbols", {"inherits": "A"}, "2 symbols in 1 file")
ROWS = (Lines("a.py", 3, 9), Lines("a.py", 20, 60))
LIST = "\n\n- `a.py:3`: class `B(A)`\n- `a.py:20`: class `C(A)`"


def answered(  # noqa: PLR0913 - all have defaults
    words: str = "Two.",
    *,
    below: str = "",
    calls: tuple[Call, ...] = (),
    evidence: tuple[Lines, ...] = (),
    citations: tuple[Lines, ...] = (),
    turns: tuple[Turn, ...] = (Turn(call=False, tokens=5),),
    outcome: str = "answered",
) -> Answer:
    return Answer(words + below, outcome, words, citations, evidence, calls, turns, 1.0, 100, 10)


def tool(**marks: object) -> Question:
    return Question("t", "click", "where", "Where?", **marks)  # pyright: ignore[reportArgumentType]


DIRECT = Question("d", "click", "concept", "What?", expects="direct")


def test_a_tool_answer_is_right_when_it_looked_and_shows_an_accepted_place():
    """A place in the words counts, and so does a row of the list; what nobody is shown does not, nor does a guess."""
    question = tool(accepts=(Lines("a.py", 2, 4),))
    assert score(question, answered(below=LIST, calls=(FOUND,), evidence=ROWS)).right
    assert not score(question, answered(calls=(FOUND,), evidence=ROWS)).right
    question = tool(accepts=(Lines("a.py", 5, 8),))
    assert score(question, answered(calls=(FOUND,), citations=(Lines("a.py", 8, 8),))).right
    assert not score(question, answered(calls=(FOUND,), citations=(Lines("a.py", 9, 9),))).right
    unlooked = score(question, answered(citations=(Lines("a.py", 6, 6),)))
    assert (unlooked.right, unlooked.decided) == (False, False)


REFUSED = Call("symbols", {"name": "A", "nom": "A"}, "", "no such argument")


def test_a_call_that_was_refused_is_no_look():
    """Neither the decision nor a lucky place counts where no tool took the call."""
    question = tool(accepts=(Lines("a.py", 5, 8),), places=(Lines("a.py", 5, 5),), values=("2",))
    mark = score(question, answered("2, at a.py:5.", calls=(REFUSED,), citations=(Lines("a.py", 5, 5),)))
    assert (mark.right, mark.decided, mark.malformed, mark.values) == (False, False, 1, False)
    assert (mark.citations, mark.words) == (Match(0, 0), Match(0, 0))
    missing = Call("read_file", {"path": "lost.py"}, "", "There is no lost.py.")
    vain = score(tool(not_found=True), answered(calls=(missing,), outcome="notFound"))
    assert (vain.right, vain.decided) == (False, True)


def test_a_row_far_down_or_a_whole_file_points_at_nothing():
    """Only the first rows count, and of a very wide place its first line; a whole file may be what was asked for."""
    question = tool(accepts=(Lines("a.py", 5, 8),))
    rows = (*(Lines("b.py", line, line) for line in range(1, 11)), Lines("a.py", 5, 5))
    below = "\n\n" + "\n".join(f"- `{row.path}:{row.start}`: it" for row in rows)
    assert not score(question, answered(below=below, calls=(FOUND,), evidence=rows)).right
    assert score(question, answered(below=below, calls=(FOUND,), evidence=rows[1:])).right
    assert not score(question, answered(calls=(FOUND,), citations=(Lines("a.py", 1, 900),))).right
    whole, read = tool(accepts=(Lines("a.py"),)), (Lines("a.py", 1, 900),)
    assert score(whole, answered("`a.py` holds two.", calls=(FOUND,), evidence=read)).right
    assert not score(whole, answered("Two.", calls=(FOUND,), evidence=read)).right
    assert not score(whole, answered("`a.py` holds two.", calls=(FOUND,), evidence=(Lines("b.py", 1, 9),))).right


def test_an_answer_that_did_not_end_well_is_not_right():
    """A limit or a cut is no end, whatever place is named."""
    question = tool(accepts=(Lines("a.py", 5, 8),))
    there = (Lines("a.py", 5, 5),)
    assert score(question, answered(calls=(FOUND,), citations=there)).right
    assert not score(question, answered(calls=(FOUND,), citations=there, outcome="limit")).right
    cut = (Turn(call=False, tokens=TURN_TOKENS),)
    assert not score(question, answered(calls=(FOUND,), citations=there, turns=cut)).right


def test_a_command_or_a_vain_search_may_be_what_is_right():
    """A command must have run and be of the kind that answers; a search in vain is right where nothing is."""
    question = tool(command=r"^git (log|show)\b")
    assert score(question, answered(calls=(Call("run_command", {"command": "git log -n 3"}, "ok"),))).right
    assert not score(question, answered(calls=(Call("run_command", {"command": "git log"}, "", "refused"),))).right
    assert not score(question, answered(calls=(Call("run_command", {"command": "ls"}, "ok"),))).right
    in_vain = Call("run_command", {"command": "git log -- lost.py"}, "1 line of output, exit status 128")
    assert not score(question, answered(calls=(in_vain,), outcome="notFound")).right
    nothing = Call("symbols", {"name": "X"}, "0 symbols")
    assert score(tool(not_found=True), answered(calls=(nothing,), outcome="notFound")).right
    assert not score(tool(not_found=True), answered(calls=(nothing,))).right


def test_a_direct_answer_is_right_when_it_speaks_and_ends_by_itself():
    """A tool, silence, or an end at the token limit each make it wrong."""
    assert score(DIRECT, answered()).right
    assert not score(DIRECT, answered(calls=(FOUND,))).right
    assert not score(DIRECT, answered("")).right
    tried = answered(turns=(Turn(call=True, tokens=9, lost=True), Turn(call=False, tokens=5)))
    written = answered('Sure.\n```json\n{"name": "search", "arguments": {"pattern": "x"}}\n```')
    for called in (tried, written):
        assert (score(DIRECT, called).right, score(DIRECT, called).decided) == (False, False)
    cut = score(DIRECT, answered(turns=(Turn(call=False, tokens=TURN_TOKENS),)))
    assert (cut.right, cut.cut, cut.decided) == (False, True, True)


@pytest.mark.parametrize(
    ("named", "right", "precision", "recall", "f1"),
    [
        ((("a", 3), ("a", 9)), (("a", 3), ("a", 4)), 0.5, 0.5, 0.5),
        ((("a", 3),), (("a", 3), ("a", 4), ("b", 3)), 1, 1 / 3, 0.5),
        ((("b", 3), ("a", 4)), (("a", 4),), 0.5, 1, 2 / 3),
        ((), (("a", 4),), 0, 0, 0),
        ((("b", 3),), (("a", 4),), 0, 0, 0),
    ],
)
def test_places_are_compared_line_by_line(
    named: tuple[tuple[str, int], ...],
    right: tuple[tuple[str, int], ...],
    precision: float,
    recall: float,
    f1: float,
):
    """Precision, recall and F1 as they are worked out by hand."""
    found = match([Lines(path, line, line) for path, line in named], [Lines(path, line, line) for path, line in right])
    assert (found.precision, found.recall, found.f1) == pytest.approx((precision, recall, f1))


def test_a_short_range_finds_the_lines_in_it_and_a_long_one_its_first():
    """The row of a long class stands for its first line; lines that were read stand for each of them, once."""
    assert match([Lines("a", 1, 100)], [Lines("a", 1, 1), Lines("a", 50, 50)]) == Match(1.0, 0.5)
    assert match([Lines("a", 1, 20), Lines("a", 5, 5)], [Lines("a", 5, 5)]) == Match(1.0, 1.0)


def test_a_row_of_a_list_is_the_line_that_it_shows():
    """The row of a short class is no find of the methods in it; lines that were read are."""
    question = tool(places=(Lines("a.py", 5, 5),))
    rows = (Lines("a.py", 3, 9),)
    listed = Call("symbols", {"name": "B"}, "1 symbol in 1 file", rows=1)
    mark = score(question, answered(below="\n\n- `a.py:3`: class `B(A)`", calls=(listed,), evidence=rows))
    assert (mark.evidence, mark.citations) == (Match(0, 0), Match(0, 0))
    read = Call("read_file", {"path": "a.py", "start": 3, "end": 9}, "a.py:3-9 of 90 lines", rows=1)
    assert score(question, answered(calls=(listed, read), evidence=rows)).evidence == Match(1, 1)


def test_structural_columns_are_kept_apart():
    """Evidence, what the person is shown, the words alone, and the values are four different marks."""
    question = tool(places=(Lines("a.py", 3, 3), Lines("a.py", 20, 20)), values=("2",))
    listed = score(question, answered("There are two.", below=LIST, calls=(FOUND,), evidence=ROWS))
    assert (listed.evidence, listed.citations, listed.words) == (Match(1, 1), Match(1, 1), Match(0, 0))
    assert listed.values is True
    one = answered("`B` at a.py:3.", calls=(FOUND,), evidence=ROWS, citations=(Lines("a.py", 3, 3),))
    named = score(question, one)
    assert (named.evidence, named.citations, named.words) == (Match(1, 1), Match(1, 0.5), Match(1, 0.5))
    assert named.values is False


def test_a_value_without_a_tool_does_not_count():
    """What is known by heart is not what this code says."""
    assert score(tool(places=(Lines("a", 1, 1),), values=("45",)), answered("It is 45.")).values is False


@pytest.mark.parametrize(
    ("words", "value", "stated"),
    [
        ("It is 45.", "45", True),
        ("It is 145.", "45", False),
        ("It is 45.5.", "45", False),
        ("Five classes.", "5", True),
        ("There are 32,767 bytes.", "32767", True),
        ('The default is `"utf-8"`.', "'utf-8'", True),
        ('The salt is b"itsdangerous.Signer".', "b'itsdangerous.Signer'", True),
        ("The salt is itsdangerous.", "b'itsdangerous.Signer'", False),
        ('It is `struct.Struct(">Q")`.', "struct.Struct('>Q')", True),
        ("It is true.", "True", False),
        ("`last` is `True` by default", "True", True),
        ("It takes prog_name.", "prog", False),
        ("Rate 0.0", "0.0", True),
        ("It is -45.", "45", False),
        ("It is -45.", "-45", True),
        ("Between 40-45 of them.", "45", True),
        ("It is defined at core.py:45.", "45", False),
        ("See `core.py:45-47`, core.py, line 45 and line 45 of core.py.", "45", False),
        ("It is 45 (core.py:45).", "45", True),
    ],
)
def test_a_value_is_stated_whole_or_not_at_all(words: str, value: str, stated: bool):
    """Quotes, ticks and separators do not matter; a part of another number or name is not the value."""
    assert states(words, value) is stated


def test_malformed_calls_are_counted_wherever_they_end():
    """An empty or wrong argument, an unknown tool, a lost turn, and a call that became words."""
    assert malformed(answered(calls=(FOUND,))) == 0
    assert malformed(answered(calls=(Call("symbols", {}, ""), Call("symbols", None, "")))) == 2
    assert malformed(answered(calls=(Call("search", {"text": "x"}, "", "no such argument"),))) == 1
    assert malformed(answered(calls=(Call("grep", {"pattern": "x"}, ""),))) == 1
    assert malformed(answered(turns=(Turn(call=True, tokens=9, lost=True),))) == 1
    assert malformed(answered('Sure.\n```json\n{"name": "search", "arguments": {"pattern": "x"}}\n```')) == 1
    assert malformed(answered('```json\n{"name": "grep", "arg')) == 1
    assert malformed(answered('Write `{"name": "value"}` into the file.')) == 0


def test_a_limit_is_a_loop():
    """An answer that repeated its call or came to a limit says so in its outcome."""
    assert score(DIRECT, answered(outcome="limit")).looped
    assert not score(DIRECT, answered()).looped
