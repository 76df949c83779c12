"""Through the real door: the product's language server and model process, whose model follows a script."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import psutil
import pytest

from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.editor_side import EditorSide, ServerGone
from lsp_server.errors import EngineUnavailable, ModelBuildFailed
from models.bench.model import asking
from models.bench.model.answers import Call
from models.bench.model.asking import Desk, Heard, Opened, own_runtime
from models.bench.model.configurations import Configuration
from models.bench.model.kept import Kept, Subject
from models.bench.model.questions import Lines, Question
from models.bench.model.scores import Match, score
from models.bench.model.summary import summarise
from support.dying_server import SHAKES_HANDS_AND_DIES
from support.scripted_server import LISTING, Scripted

US = Configuration("fused-8bit", Subject("scripted", PROMPT_VERSION), {"model.idleMinutes": 0.02})
SPEAKER = (Lines("core.py", 4, 4),)
LIST = Question("list", "here", "subclasses", "List the protocols.", accepts=SPEAKER, places=SPEAKER, values=("1",))
NAMED = Question("named", "here", "definition", "Name the protocol.", accepts=SPEAKER, places=SPEAKER)
DIRECT = Question("direct", "here", "concept", "What is a protocol?", expects="direct")
AGAIN = Question("again", "here", "where", "Turn round and round.", accepts=SPEAKER)
FENCE = Question("fence", "here", "concept", "Say a fence.", expects="direct")


@pytest.fixture
def scripted(scripted: Scripted) -> Scripted:
    scripted.write(
        {"when": "1 symbol", "say": "It is one class."},
        LISTING,
        {"when": "What is a", "say": "A protocol says what an object can do."},
        {"when": "Say a fence", "say": 'As asked:\n```json\n{"name": "search", "arguments": {"pattern": "x"}}\n```'},
    )
    return scripted


def desk(scripted: Scripted, kept: Kept, told: list[str]) -> Desk:
    return Desk(lambda _package: scripted.workspace, kept, told.append, scripted.command)


async def test_answers_are_asked_kept_and_marked(scripted: Scripted, tmp_path: Path):
    """A listing, a direct answer and a call behind words come back as they are marked; the loading is noted."""
    kept, told = Kept(tmp_path / "answers.jsonl"), list[str]()
    with own_runtime():
        done = await desk(scripted, kept, told).ask(US, [LIST, DIRECT, FENCE])
    assert (done.answered, done.failures) == (3, {})
    listed = kept.entries(US.subject)[0].answer
    assert listed.text.splitlines() == ["It is one class.", "", "- `core.py:4`: class `Speaker(Protocol)`"]
    assert (listed.words, listed.citations, listed.named) == ("It is one class.", (), (Lines("core.py", 4, 4),))
    assert (listed.evidence, listed.pointed) == ((Lines("core.py", 4, 5),), (Lines("core.py", 4, 4),))
    assert listed.calls == (Call("symbols", LISTING["call"]["arguments"], "1 symbol in 1 file", rows=1),)  # pyright: ignore[reportArgumentType]
    assert [turn.call for turn in listed.turns] == [True, False]
    assert sum(turn.tokens for turn in listed.turns) == listed.output_tokens
    mark = score(LIST, listed)
    assert (mark.right, mark.evidence, mark.citations, mark.words) == (True, Match(1, 1), Match(1, 1), Match(0, 0))
    assert (mark.values, mark.looped, mark.malformed, mark.cut) == (True, False, 0, False)
    marks = {key: score(question, _answer(kept, question)) for key, question in (("d", DIRECT), ("f", FENCE))}
    assert (marks["d"].right, marks["d"].malformed) == (True, 0)
    assert (marks["f"].malformed, marks["f"].decided, marks["f"].right) == (0, False, False)
    assert [each.asked_before for each in kept.entries(US.subject)] == [0, 1, 2]
    assert all(0 < each.resident_bytes <= each.peak_bytes for each in kept.entries(US.subject))
    loaded = kept.loaded(US.subject)
    assert loaded is not None
    assert loaded.resident_bytes > 0
    assert loaded.device == "script"


async def test_a_place_in_the_words_and_a_loop(scripted: Scripted, tmp_path: Path):
    """A place that the words name is theirs; a repeated call is a loop, and the note of it is not the model's."""
    scripted.write(
        {"when": "You have made this very call", "say": "I stop."},
        {"when": "1 symbol in 1 file", "call": LISTING["call"]},
        {"when": "round", "call": LISTING["call"]},
    )
    kept, told = Kept(tmp_path / "answers.jsonl"), list[str]()
    with own_runtime():
        await desk(scripted, kept, told).ask(US, [AGAIN])
        scripted.write(
            {"when": "1 symbol", "say": "`Speaker` stands at core.py:4."}, {"when": "Name", "call": LISTING["call"]}
        )
        await desk(scripted, kept, told).ask(US, [NAMED])
    again = _answer(kept, AGAIN)
    assert (again.words, len(again.calls), score(AGAIN, again).looped) == ("I stop.", 2, True)
    named = _answer(kept, NAMED)
    assert named.text == "`Speaker` stands at core.py:4."
    assert score(NAMED, named).words == Match(1, 1)


async def test_a_run_goes_on_where_it_was_interrupted(scripted: Scripted, tmp_path: Path):
    """What was answered is not asked again, also by another process; what was not is."""
    path, told = tmp_path / "answers.jsonl", list[str]()

    def interrupt(what: str) -> None:
        told.append(what)
        raise KeyboardInterrupt

    with own_runtime():
        first = Desk(lambda _package: scripted.workspace, Kept(path), interrupt, scripted.command)
        with pytest.raises(KeyboardInterrupt):
            await first.ask(US, [LIST, DIRECT])
        assert [line.split(":")[0] for line in told] == ["1/2 list"]
        told.clear()
        done = await desk(scripted, Kept(path), told).ask(US, [LIST, DIRECT])
        assert done.answered == 1
        assert [line.split(":")[0] for line in told] == ["1/1 direct"]
        nothing = await Desk(lambda _package: Path("nowhere"), Kept(path), server=["false"]).ask(US, [LIST, DIRECT])
    assert nothing.answered == 0
    figures = summarise(US, {"structural": [LIST], "discrimination": [DIRECT]}, Kept(path))
    assert [(one.name, one.all.right) for one in figures.sets] == [("structural", 100), ("discrimination", 100)]


async def test_a_question_that_fails_is_asked_again_next_time(scripted: Scripted, tmp_path: Path):
    """A failure is told and not kept, and the questions after it are asked all the same."""
    kept, told = Kept(tmp_path / "answers.jsonl"), list[str]()
    too_long = Question("long", "here", "concept", "why " * 4000, expects="direct")
    with own_runtime():
        done = await desk(scripted, kept, told).ask(US, [too_long, DIRECT])
    assert (done.answered, list(done.failures)) == (1, ["long"])
    assert kept.answer(US.subject, too_long.key) is None
    assert told[0].startswith("long: The question has 15,999 characters")


async def test_a_workspace_that_cannot_be_had_costs_only_its_own_questions(scripted: Scripted, tmp_path: Path):
    """Its questions are failures, and those about other workspaces are asked."""
    kept, told = Kept(tmp_path / "answers.jsonl"), list[str]()

    def workspaces(package: str) -> Path:
        if package == "gone":
            raise ModelBuildFailed("It is gone.")
        return scripted.workspace

    gone = [Question(f"gone-{number}", "gone", "concept", "What?", "direct") for number in range(2)]
    with own_runtime():
        done = await Desk(workspaces, kept, told.append, scripted.command).ask(US, [*gone, DIRECT])
    assert (done.answered, list(done.failures)) == (1, ["gone-0", "gone-1"])
    assert told[0] == "gone: It is gone."


async def test_a_server_that_dies_costs_the_questions_of_its_workspace(
    scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Those that follow in another workspace are put to another server."""
    kept, told = Kept(tmp_path / "answers.jsonl"), list[str]()
    other = Question("other", "there", "concept", "What is a class?", "direct")
    begun: list[int] = []
    start = asking.start_server

    @asynccontextmanager
    async def started(*arguments: Any) -> AsyncGenerator[EditorSide]:
        async with start(*arguments) as side:
            begun.append(psutil.Process().children()[-1].pid)
            yield side

    def kill(what: str) -> None:
        told.append(what)
        if what.startswith("1/"):
            psutil.Process(begun[0]).kill()

    monkeypatch.setattr(asking, "start_server", started)
    with own_runtime():
        desk = Desk(lambda _package: scripted.workspace, kept, kill, scripted.command)
        done = await desk.ask(US, [LIST, DIRECT, other])
    assert (done.answered, list(done.failures)) == (2, ["direct"])
    assert kept.answer(US.subject, other.key) is not None


async def test_a_workspace_that_cannot_be_opened_costs_only_its_own_questions(
    scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Once the model has answered, what ends a later workspace is not the model's."""
    kept, told = Kept(tmp_path / "answers.jsonl"), list[str]()
    first, bad, last = (
        Question(package, package, "concept", "What is a class?", "direct") for package in ("a", "b", "c")
    )

    def workspaces(package: str) -> Path:
        return scripted.workspace / package

    for package in "abc":
        workspaces(package).mkdir()
    start = EditorSide.initialize

    async def initialize(side: EditorSide, workspace: Path, *arguments: Any) -> None:
        if workspace.name == "b":
            raise EngineUnavailable("Not ready.")
        await start(side, workspace, *arguments)

    monkeypatch.setattr(EditorSide, "initialize", initialize)
    with own_runtime():
        done = await Desk(workspaces, kept, told.append, scripted.command).ask(US, [first, bad, last])
    assert (done.answered, list(done.failures)) == (2, ["b"])


async def test_an_answer_that_waited_for_the_model_to_load_is_asked_again(tmp_path: Path):
    """Its seconds are those of a warm model."""
    spans = [[{"name": "load", "summary": "loaded the model"}], []]

    class Side:
        async def request(self, _method: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
            timing = {"promptTokens": 1, "outputTokens": len(spans), "peakMemoryBytes": 0}
            trace = {"spans": spans.pop(0), "timing": timing}
            return {"answer": "Yes.", "outcome": "answered", "evidence": [], "citations": [], "trace": trace}

    opened = Opened(tmp_path, cast("EditorSide", Side()), Heard())
    assert (await opened.ask(DIRECT)).output_tokens == 1


async def test_a_server_that_dies_before_it_is_ready_ends_the_run_at_once(tmp_path: Path):
    """Nobody waits for what will never be ready."""
    kept = Kept(tmp_path / "answers.jsonl")
    with own_runtime(), pytest.raises(ServerGone, match="exit code 0"):
        await Desk(lambda _package: tmp_path, kept, server=SHAKES_HANDS_AND_DIES).ask(US, [DIRECT])


async def test_what_never_becomes_ready_is_a_sentence(
    scripted: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """It says what was waited for."""
    monkeypatch.setattr(asking, "_READY_SECONDS", 0.0)
    with own_runtime(), pytest.raises(EngineUnavailable, match="Not ready after 0 s: the model is "):
        await desk(scripted, Kept(tmp_path / "a.jsonl"), []).ask(US, [DIRECT])


async def test_a_model_that_cannot_be_served_ends_the_run(scripted: Scripted, tmp_path: Path):
    """There is nothing to measure, and the reason is the product's own."""
    lost = Configuration("base", US.subject, {"model.path": str(tmp_path / "nowhere")})
    with own_runtime(), pytest.raises(EngineUnavailable, match="nowhere"):
        await Desk(lambda _package: scripted.workspace, Kept(tmp_path / "a.jsonl")).ask(lost, [DIRECT])


async def test_a_selection_is_sent_as_an_editor_sends_it(scripted: Scripted, tmp_path: Path):
    """The model is shown the selected lines with the question."""
    scripted.write({"when": "Selected, core.py:4-5:", "say": "A class."})
    kept, told = Kept(tmp_path / "answers.jsonl"), list[str]()
    asked = Question("s", "here", "selection-direct", "What is it?", "direct", selection=Lines("core.py", 4, 5))
    with own_runtime():
        await desk(scripted, kept, told).ask(US, [asked])
    assert _answer(kept, asked).words == "A class."


def test_the_runs_model_processes_meet_in_a_folder_of_their_own(monkeypatch: pytest.MonkeyPatch):
    """The folder for sockets is another one inside, gone afterwards, and the environment is as before."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", tempfile.gettempdir())
    with own_runtime():
        inside = Path(os.environ["XDG_RUNTIME_DIR"])
        assert inside.is_dir()
        assert inside != Path(tempfile.gettempdir())
    assert not inside.exists()
    assert os.environ["XDG_RUNTIME_DIR"] == tempfile.gettempdir()


def _answer(kept: Kept, question: Question):
    entry = kept.answer(US.subject, question.key)
    assert entry is not None
    return entry.answer
