"""Puts questions to the product as an editor does: a language server for each workspace, one model process for all."""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import Any

import attrs
import psutil

from lsp_server.editor_side import EditorSide, start_server
from lsp_server.errors import EngineUnavailable, InglenookError
from lsp_server.own_programs import LANGUAGE_SERVER
from lsp_server.wire import ASK, MODEL, STATUS
from models.bench.model.answers import Answer, answer_of
from models.bench.model.configurations import Configuration
from models.bench.model.kept import Entry, Kept, Loaded, Subject, program_state
from models.bench.model.questions import Lines, Question
from models.bench.surroundings import variable

_READY_SECONDS = 900.0
"""A 7B in half precision takes minutes to load from a slow disk."""
_GREETING = "Hello"
"""Asked once of a model that was just loaded, or of a server, and not counted: from then on the prompt is known, as in
daily use."""
_RUNTIME = "XDG_RUNTIME_DIR"
_HIGH_WATER = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)
"""How Linux tells the most that a process has held."""

Told = Callable[[str], None]


@attrs.frozen
class Asked:
    """What a run of one configuration came to."""

    answered: int
    failures: Mapping[str, InglenookError]
    """By question; these are asked again next time."""


@attrs.define
class _Round:
    """The questions of one configuration while they are asked."""

    subject: Subject
    total: int
    program: str = ""
    """The state of the program that is running."""
    answered: int = 0
    failures: dict[str, InglenookError] = attrs.field(factory=dict[str, InglenookError])
    by_process: Counter[int | None] = attrs.field(factory=Counter[int | None])
    """How many questions each model process has answered."""


@attrs.define
class Heard:
    """What the server tells of engine and index."""

    engine: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    index: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    loading_since: float | None = None
    loaded_in: float | None = None
    """Seconds; None where the model was loaded already."""
    changed: asyncio.Event = attrs.field(factory=asyncio.Event)

    def notified(self, method: str, params: Mapping[str, Any]) -> None:
        """Take in what the server says of itself."""
        if method != STATUS:
            return
        self.engine, self.index = params["engine"], params["index"]
        state = self.engine["state"]
        if state in {"starting", "loading"} and self.loading_since is None:
            self.loading_since = time.perf_counter()
        if state in {"ready", "busy"} and self.loading_since is not None and self.loaded_in is None:
            self.loaded_in = time.perf_counter() - self.loading_since
        self.changed.set()

    @property
    def ready(self) -> bool:
        """Whether model and index are.

        Raises:
            EngineUnavailable: the model will not be.
        """
        state = self.engine.get("state")
        if state in {"failed", "notSetUp"}:
            raise EngineUnavailable(str(self.engine.get("message")), self.engine.get("hint"))
        return state in {"ready", "busy"} and self.index.get("state") in {"ready", "direct"}

    @property
    def pid(self) -> int | None:
        """The model's process; None where it is not on this machine."""
        return self.engine.get("pid")

    @property
    def resident_bytes(self) -> int:
        """What the model's process holds now; 0 where it is not on this machine."""
        try:
            return psutil.Process(self.pid).memory_info().rss if self.pid else 0
        except psutil.Error:
            return 0

    @property
    def peak_bytes(self) -> int:
        """The most that the model's process has held; what it holds now where the system tells no more."""
        try:
            said = _HIGH_WATER.search(Path(f"/proc/{self.pid}/status").read_text("utf-8"))
        except OSError:
            said = None
        return max(self.resident_bytes, 1024 * int(said[1]) if said else 0)


@attrs.frozen
class Opened:
    """A workspace that a language server has open."""

    root: Path
    side: EditorSide
    heard: Heard

    async def greet(self) -> None:
        """Have the model read its prompt; what it says counts nowhere."""
        await self.side.request(ASK, {"question": _GREETING})

    async def unload(self) -> None:
        """Have the model leave memory."""
        with suppress(InglenookError):  # a server that has died holds no model; all answers are kept
            await self.side.request(MODEL, {"action": "unload"})

    async def ask(self, question: Question) -> Answer:
        """Ask one question in a conversation of its own; twice where the model had to be loaded for it first."""
        if self.heard.engine.get("state") == "unloaded":  # it was killed, or left
            with suppress(InglenookError):
                await self.greet()
        params: dict[str, Any] = {"question": question.question}
        if question.selection is not None:
            params["context"] = _context(self.root, question.selection)
        result, seconds = await self._timed(params)
        if any(span["name"] == "load" for span in result["trace"]["spans"]):
            result, seconds = await self._timed(params)
        return answer_of(result, seconds)

    async def _timed(self, params: Mapping[str, Any]) -> tuple[Mapping[str, Any], float]:
        began = time.perf_counter()
        result = await self.side.request(ASK, params)
        return result, time.perf_counter() - began


@contextmanager
def own_runtime() -> Generator[None]:
    """Meet model processes in a folder of this run's own: no editor's model is timed, disturbed or ended."""
    with tempfile.TemporaryDirectory(prefix="nook-", ignore_cleanup_errors=True) as folder, variable(_RUNTIME, folder):
        yield


@attrs.frozen
class Desk:
    """Where questions are put and answers are kept."""

    workspaces: Callable[[str], Path]
    """The folder of a package."""
    kept: Kept
    told: Told = lambda _: None
    """Hears what is going on."""
    server: Sequence[str] = LANGUAGE_SERVER
    """The command that starts a language server."""

    async def ask(self, configuration: Configuration, questions: Sequence[Question]) -> Asked:
        """Ask what was not answered yet, and keep each answer as it comes.

        Raises:
            InglenookError: the model cannot be served.
        """
        subject = configuration.subject
        left = [question for question in questions if self.kept.answer(subject, question.key) is None]
        left.sort(key=lambda question: question.package)
        turn = _Round(subject, len(left))
        placed = self._placed(left, turn)
        if placed and configuration.folder is not None and self.kept.loaded(subject) is None:
            await self._acquaint(configuration, placed[0][0])
        for number, (root, together) in enumerate(placed, start=1):
            try:
                turn.program = program_state()  # a run takes hours, in which it may be worked on
                async with self._open(configuration, root) as opened:
                    await self._meet(configuration, opened, first=number == 1)
                    for question in together:
                        await self._put(question, opened, turn)
                    if number == len(placed) and configuration.folder is not None:
                        await opened.unload()
            except InglenookError as error:
                if number == 1:  # nothing says that it would go better with another workspace
                    raise
                turn.failures |= {question.id: error for question in together}
                self.told(f"{root.name}: {error.sentence}")
        return Asked(turn.answered, turn.failures)

    async def _acquaint(self, configuration: Configuration, root: Path) -> None:
        """Load the model once before the loading that counts: it is probed then, and its files enter the cache."""
        async with self._open(configuration, root) as opened:
            await opened.unload()

    async def _meet(self, configuration: Configuration, opened: Opened, *, first: bool) -> None:
        """Note what loading took where the model was loaded for this, and have it read its prompt.

        Raises:
            InglenookError: the model is a server's, and it does not answer.
        """
        heard = opened.heard
        if heard.loaded_in is not None:
            device = str(heard.engine.get("device") or "")
            self.kept.keep(Loaded(configuration.subject, round(heard.loaded_in, 2), heard.resident_bytes, device))
            with suppress(InglenookError):  # what fails at a greeting may answer all else
                await opened.greet()
        elif first and heard.pid is None:  # of a server nothing is known before it has answered
            await opened.greet()

    def _placed(self, left: Sequence[Question], turn: _Round) -> Sequence[tuple[Path, Sequence[Question]]]:
        """Return the questions by workspace, all of them brought before a model is loaded; what fails is noted."""
        placed: list[tuple[Path, Sequence[Question]]] = []
        for package, group in groupby(left, key=lambda question: question.package):
            together = tuple(group)
            try:
                placed.append((self.workspaces(package), together))
            except InglenookError as error:
                turn.failures |= {question.id: error for question in together}
                self.told(f"{package}: {error.sentence}")
        return placed

    async def _put(self, question: Question, opened: Opened, turn: _Round) -> None:
        """Ask one question and keep its answer; a failure is noted."""
        heard = opened.heard
        try:
            answer = await opened.ask(question)
        except InglenookError as error:
            turn.failures[question.id] = error
            self.told(f"{question.id}: {error.sentence}")
            return
        before = turn.by_process[heard.pid]
        held, most = heard.resident_bytes, heard.peak_bytes
        self.kept.keep(Entry(turn.subject, question.key, answer, held, most, before, turn.program))
        turn.by_process[heard.pid] += 1
        turn.answered += 1
        done = turn.answered + len(turn.failures)
        self.told(f"{done}/{turn.total} {question.id}: {answer.seconds:.1f} s")

    @asynccontextmanager
    async def _open(self, configuration: Configuration, root: Path) -> AsyncGenerator[Opened]:
        """Open a workspace, wait until index and the configuration's model are ready, and yield it."""
        heard = Heard()
        async with start_server(self.server, heard.notified, heard.changed.set) as side:
            await side.initialize(root, configuration.settings, "utf-16")
            await _until_ready(heard, side)
            yield Opened(root, side, heard)


async def _until_ready(heard: Heard, side: EditorSide) -> None:
    """Wait until model and index are ready.

    Raises:
        EngineUnavailable: the model will not be, or it takes too long.
        ServerGone: the server ended.
    """
    try:
        async with asyncio.timeout(_READY_SECONDS):
            while not heard.ready:
                side.check()
                heard.changed.clear()
                await heard.changed.wait()
    except TimeoutError:
        state = f"the model is {heard.engine.get('state')}, the index {heard.index.get('state')}"
        raise EngineUnavailable(f"Not ready after {_READY_SECONDS:g} s: {state}.") from None


def _context(root: Path, lines: Lines) -> Mapping[str, Any]:
    start, end = {"line": lines.start - 1, "character": 0}, {"line": lines.end, "character": 0}
    return {"textDocument": {"uri": (root / lines.path).as_uri()}, "range": {"start": start, "end": end}}
