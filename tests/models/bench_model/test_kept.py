from __future__ import annotations

from pathlib import Path

from models.bench.model.answers import Answer, Call, Turn
from models.bench.model.kept import Entry, Kept, Loaded, Subject
from models.bench.model.questions import Lines

US, OTHERS = Subject("hash", "prompts", "machine"), Subject("hash", "other prompts", "machine")
ELSEWHERE = Subject("hash", "prompts", "another machine")


def entry(question: str, text: str = "Two.\u2028Three.", subject: Subject = US) -> Entry:
    answer = Answer(
        text, "answered", text, (Lines("a", 1, 2),), (), (Call("search", {"pattern": "x"}, "s"),), (Turn(False, 3),),
        1.5, 10, 3,
    )  # fmt: skip
    return Entry(subject, question, answer, 7, 8, 1)


def test_what_is_kept_comes_back(tmp_path: Path):
    """Answers and loadings survive the process, each under its model and prompts."""
    path = tmp_path / "new folder" / "answers.jsonl"
    kept = Kept(path)
    for item in (entry("a"), entry("b", subject=OTHERS), Loaded(US, 2.5, 99, "cpu")):
        kept.keep(item)
    again = Kept(path)
    assert again.answer(US, "a") == entry("a")
    assert again.answer(US, "b") is None
    assert again.answer(OTHERS, "b") == entry("b", subject=OTHERS)
    assert again.loaded(US) == Loaded(US, 2.5, 99, "cpu")
    assert again.loaded(OTHERS) is None
    assert again.broken == 0


def test_a_broken_line_costs_only_itself(tmp_path: Path):
    """Lines that are no JSON, of another kind, or incomplete are counted; the others stand."""
    path = tmp_path / "answers.jsonl"
    Kept(path).keep(entry("a"))
    with path.open("a", encoding="utf-8") as file:
        file.write('{"is": "Entry"}\n[1]\nnot json\n{"is": "Nothing"}\n\n')
    Kept(path).keep(entry("b"))
    again = Kept(path)
    assert again.broken == 4
    assert [each.question for each in again.entries(US)] == ["a", "b"]


def test_half_a_line_does_not_spoil_the_next(tmp_path: Path):
    """After a run that was killed while writing, the next answer begins a line of its own."""
    path = tmp_path / "answers.jsonl"
    Kept(path).keep(entry("a"))
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    Kept(path).keep(entry("b"))
    again = Kept(path)
    assert again.broken == 1
    assert [each.question for each in again.entries(US)] == ["a", "b"]


def test_the_newest_answer_counts(tmp_path: Path):
    """A question that was asked again has one answer, and stands last."""
    kept = Kept(tmp_path / "answers.jsonl")
    for item in (entry("a"), entry("b"), entry("a", "Now three.")):
        kept.keep(item)
    again = Kept(tmp_path / "answers.jsonl")
    assert [each.answer.text for each in again.entries(US)][1] == "Now three."


def test_what_is_forgotten_does_not_come_back(tmp_path: Path):
    """A run afresh that ends early leaves the old answers uncounted, of its own questions and subject alone."""
    kept = Kept(tmp_path / "answers.jsonl")
    for item in (entry("a"), entry("b"), entry("c"), entry("a", subject=OTHERS)):
        kept.keep(item)
    kept.forget(US, ["a", "b", "never asked"])
    kept.keep(entry("b", "Now three."))
    for one in (kept, Kept(tmp_path / "answers.jsonl")):
        assert [(each.question, each.answer.text) for each in one.entries(US)] == [
            ("c", "Two.\u2028Three."),
            ("b", "Now three."),
        ]
        assert one.answer(OTHERS, "a") is not None
        assert one.broken == 0


def test_what_was_written_beside_a_report_is_known_elsewhere(tmp_path: Path):
    """A report's answers are read where nothing was asked yet, those of its subjects alone, and of this machine."""
    kept = Kept(tmp_path / "answers.jsonl")
    for item in (entry("a"), entry("b"), entry("c", subject=OTHERS), Loaded(US, 2.5, 99, "cpu"), entry("a", "Three.")):
        kept.keep(item)
    report = tmp_path / "report.jsonl"
    kept.write(report, [US, ELSEWHERE])
    other = Kept(tmp_path / "none" / "answers.jsonl", report)
    assert [(it.question, it.answer.text) for it in other.entries(US)] == [("b", "Two.\u2028Three."), ("a", "Three.")]
    assert (other.loaded(US), other.entries(OTHERS), other.entries(ELSEWHERE)) == (Loaded(US, 2.5, 99, "cpu"), (), ())
    other.keep(entry("b", "Four."))
    assert len(report.read_text("utf-8").splitlines()) == 3
    again = Kept(tmp_path / "none" / "answers.jsonl", report).answer(US, "b")
    assert again is not None
    assert again.answer.text == "Four."
