from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest

from models.adapter import Provenance
from models.bench.model.answers import Answer, Call, Turn
from models.bench.model.configurations import Configuration
from models.bench.model.kept import Entry, Kept, Loaded, Subject
from models.bench.model.questions import Lines, Question, SetName
from models.bench.model.report import headline, write
from models.bench.model.summary import Growth, Places, answered_by_all, summarise
from models.bench.model.targets import targets
from support.scripted_model import scripted_folder

PLACES = (Lines("a.py", 3, 3), Lines("a.py", 9, 9))
SETS: dict[SetName, list[Question]] = {
    "seed": [Question("s", "click", "concept", "What?", "direct")],
    "structural": [
        Question("one", "click", "subclasses", "Which?", places=PLACES, values=("2",)),
        Question("two", "click", "callers", "Who?", places=PLACES),
        Question("not asked", "click", "callers", "Who else?", places=PLACES),
    ],
}
CALL = Call("symbols", {"inherits": "A"}, "2 symbols in 1 file")
SPEECH = Turn(call=False, tokens=10)


def answer(
    words: str,
    seconds: float,
    *,
    calls: tuple[Call, ...] = (),
    evidence: tuple[Lines, ...] = (),
    outcome: str = "answered",
) -> Answer:
    turns = (*(Turn(call=True, tokens=20) for _ in calls), SPEECH)
    return Answer(words, outcome, words, evidence[:1], evidence, calls, turns, seconds, 100 * len(turns), 10, 800)


ANSWERS = {
    "s": answer("A word.", 2.0),
    "one": answer("Two.", 4.0, calls=(CALL,), evidence=PLACES),
    "two": answer("One.", 6.0, calls=(CALL, CALL), evidence=(PLACES[0], Lines("b.py", 1, 1)), outcome="limit"),
}


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    made = Kept(tmp_path / "answers.jsonl")
    for number, (question, given) in enumerate(
        (q, ANSWERS[q.id]) for asked in SETS.values() for q in asked if q.id in ANSWERS
    ):
        for name in ("fused-8bit", "adapter"):
            made.keep(Entry(Subject(name, "p"), question.key, given, 1000 + 5 * number, 1400 + number, number))
    made.keep(Loaded(Subject("fused-8bit", "p"), 3.5, 900, "cpu"))
    return made


def configuration(name: str) -> Configuration:
    return Configuration(name, Subject(name, "p"), {}, scripted_folder(Path(name)))


def test_the_table_is_what_is_worked_out_by_hand(kept: Kept):
    """Marks, means and sums of three answers, one of them a loop and one set half answered."""
    figures = summarise(configuration("fused-8bit"), SETS, kept, kv_numbers=10)
    seed, structural = figures.sets
    assert (seed.all.answers, seed.all.decided, seed.all.right, seed.tool.answers) == (1, 100, 100, 0)
    assert (structural.all.answers, structural.questions, structural.all.right) == (2, 3, 50)
    # One has both rows, the other one of two and a wrong one beside.
    assert structural.evidence == Places(75, 75, 75)
    # In the words each names its first place: of two right lines, one.
    assert structural.words is not None
    assert (structural.words.precision, structural.words.recall) == (100, 50)
    assert structural.words.f1 == pytest.approx(200 / 3)
    assert structural.values == 100
    assert (structural.loops, structural.malformed, structural.cut, structural.calls) == (1, 0, 0, 1.5)
    assert (structural.seconds, structural.seconds_p95, structural.warm_seconds) == (5.0, 6.0, 5.0)
    assert structural.by_kind == {"subclasses": "1/1", "callers": "0/1"}
    assert (figures.load_seconds, figures.resident_bytes, figures.peak_bytes) == (3.5, 900, 1402)
    assert figures.growth == Growth((1000, 1005, 1010))
    assert (figures.kv_bytes, figures.seconds_p95) == (10 * 4 * 100, 6.0)
    row = headline([figures]).splitlines()[2]
    assert row == (
        "| fused-8bit | 3/4 | 0.00 | 0.00 | 0.00 | 3.5 | 1/1 |  |  |  | 0.75 | 0.67 | 100.0 | 1.0 | 10.0 | 4.0 | 6.0 "
        "| 1 | 0 | 0 |"
    )


def test_the_tail_of_all_answers_is_not_that_of_the_slowest_set(kept: Kept):
    """One slow answer in a small set is more than one in twenty there, and less than that of the whole run."""
    slow = Question("slow", "click", "concept", "Slow?", "direct")
    quick = [Question(f"quick-{number}", "click", "concept", f"Quick {number}?", "direct") for number in range(39)]
    for question in (slow, *quick):
        seconds = 60.0 if question is slow else 1.0
        kept.keep(Entry(Subject("fused-8bit", "p"), question.key, answer("Words.", seconds)))
    figures = summarise(configuration("fused-8bit"), {"standard": [slow], "discrimination": quick}, kept)
    assert ([one.seconds_p95 for one in figures.sets], figures.seconds_p95) == ([60.0, 1.0], 1.0)


def test_growth_is_that_of_one_process(kept: Kept):
    """Where a run was interrupted, the longest stretch of one process counts, not the sum of several."""
    us = Subject("fused-8bit", "p")
    for number in range(4):
        kept.keep(Entry(us, f"later-{number}", ANSWERS["s"], 5000 + number, 6000, number))
    growth = summarise(configuration("fused-8bit"), SETS, kept).growth
    assert growth is not None
    assert (growth.held, growth.added) == ((5000, 5001, 5002, 5003), 3)


def test_a_server_has_no_memory_of_ours(kept: Kept):
    """Of an endpoint, what lies on its machine is left empty rather than zero."""
    there = Configuration("endpoint", Subject("adapter", "p"), {})
    figures = summarise(there, SETS, kept, kv_numbers=10)
    assert (figures.disk_bytes, figures.peak_bytes, figures.growth, figures.load_seconds) == (None, None, None, None)
    assert figures.kv_bytes is None
    assert headline([figures]).splitlines()[2].startswith("| endpoint | 3/4 |  |  |  |  | 1/1 |")


def test_targets_are_those_of_the_fused_model(kept: Kept):
    """Met and missed targets of fused-8bit, and how far it is from the adapter; nothing without it."""
    figures = [summarise(configuration(name), SETS, kept) for name in ("adapter", "fused-8bit")]
    met = {aim.name: aim.met for aim in targets(figures)}
    assert met == {
        "the seed's five": True,
        "evidence F1": False,
        "citations F1": False,
        "values in the words": True,
        "a listing or definition, warm": True,
        "malformed calls": True,
        "loops": False,
        "right answers more or fewer than the adapter's, seed": True,
        "right answers more or fewer than the adapter's, structural": True,
    }
    notes = {aim.name: aim.note for aim in targets(figures)}
    assert notes["evidence F1"] == "2 of 3 questions answered"
    assert targets(figures[:1]) == []
    nothing = summarise(attrs.evolve(configuration("fused-8bit"), subject=Subject("never asked", "p")), SETS, kept)
    assert targets([nothing]) == []


def test_forms_are_compared_on_what_all_of_them_answered(kept: Kept):
    """A form that was asked less is set beside the others on its own questions; where all answered alike, once."""
    both = [configuration(name) for name in ("adapter", "fused-8bit")]
    assert answered_by_all(both, SETS, kept) == {}
    assert answered_by_all([], SETS, kept) == {}
    kept.forget(both[0].subject, [SETS["structural"][1].key])
    shared = answered_by_all(both, SETS, kept)
    assert {name: [it.id for it in asked] for name, asked in shared.items()} == {"seed": ["s"], "structural": ["one"]}
    figures, alike = ([summarise(each, sets, kept) for each in both] for sets in (SETS, shared))
    text = write(figures, None, None, {}, alike=alike, pair=alike)
    rows = [line for line in text.splitlines() if line.startswith(("| adapter | ", "| fused-8bit | "))][:4]
    assert [row.split(" | ")[1] for row in rows] == ["2/4", "3/4", "2/2", "2/2"]
    assert "adapter's, structural | 0 | ≤ 2 | yes | of 1 that both answered |" in text


def test_answers_of_several_states_of_the_program_are_told_as_such(kept: Kept):
    """Forms are compared on one state of the program; where they were not, the table says so."""
    us = Subject("fused-8bit", "p")
    assert "states of the program" not in write([summarise(configuration("fused-8bit"), SETS, kept)], None, None, {})
    kept.keep(Entry(us, SETS["seed"][0].key, ANSWERS["s"], program="later"))
    text = write([summarise(configuration(name), SETS, kept) for name in ("adapter", "fused-8bit")], None, None, {})
    assert (
        "The answers are those of 2 states of the program: 1 of adapter, fused-8bit; 1 of fused-8bit.\nSeconds compare"
        in text
    )


def test_a_run_is_written_with_its_plots(kept: Kept, tmp_path: Path):
    """Markdown, JSON and three drawings stand in the folder; without one, nothing is written."""
    figures = [summarise(configuration(name), SETS, kept) for name in ("adapter", "fused-8bit")]
    training = Provenance("r", "d", "n", "b", "p", {}, "cpu", 1200, 300, 350_000, 600.0, 10**9, 0.2, 0.4, 1.5, "now")
    out = tmp_path / "results"
    text = write(figures, training, out, {"machine": "a test's"})
    assert (out / "model.md").read_text("utf-8") == text
    assert "machine a test's" in text
    assert "| time | 10 min |" in text
    assert "## The set: structural" in text
    data = json.loads((out / "model.json").read_text("utf-8"))
    assert [one["name"] for one in data["configurations"]] == ["adapter", "fused-8bit"]
    assert data["training"]["rows"] == 1200
    assert {file.name for file in out.glob("*.svg")} == {"model-accuracy.svg", "model-memory.svg", "model-seconds.svg"}
    assert write(figures, None, None, {"machine": "a test's"}).count("What the training cost") == 0
