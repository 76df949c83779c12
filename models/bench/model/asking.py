"""Puts questions to the product as an editor does: a language server for each workspace, one model process for all."""

from __future__ import annotations

import asyncio
import re
import sys
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
from lsp_server.wire import ASK, MODEL, STATUS
from models.bench.model.answers import Answer, answer_of
from models.bench.model.configurations import Configuration
from models.bench.model.kept import Entry, Kept, Loaded, Subject
from models.bench.model.questions import Lines, Question
from models.bench.surroundings import variable

SERVER = (sys.executable, "-m", "lsp_server", "serve", "--stdio")
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
    answered: int = 0
    failures: dict[str, InglenookError] = attrs.field(factory=dict[str, InglenookError])
    by_process: Counter[int | None] = attrs.field(factory=Counter[int | None])
    """How many questions each model process has answered."""


@attrs.define
class _Heard:
    """What the server tells of engine and index."""

    engine: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    index: Mapping[str, Any] = attrs.field(factory=dict[str, Any])
    loading_since: float | None = None
    loaded_in: float | None = None
    """Seconds; None where the model was loaded already."""
    changed: asyncio.Event = attrs.field(factory=asyncio.Event)

    def notified(self, method: str, params: Mapping[str, Any]) -> None:
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
class _Opened:
    """A workspace that a language server has open."""

    root: Path
    side: EditorSide
    heard: _Heard

    async def greet(self) -> None:
        """Have the model read its prompt."""
        await self.side.request(ASK, {"question": _GREETING})

    async def ask(self, question: Question) -> Answer:
        """Ask one question in a conversation of its own."""
        params: dict[str, Any] = {"question": question.question}
        if question.selection is not None:
            params["context"] = _context(self.root, question.selection)
        began = time.perf_counter()
        result = await self.side.request(ASK, params)
        return answer_of(result, time.perf_counter() - began)


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
    server: Sequence[str] = SERVER
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
        for number, (root, together) in enumerate(placed, start=1):
            async with self._open(configuration, root, unload=number == len(placed)) as opened:
                if number == 1 and opened.heard.pid is None:  # a server's model, of whose loading nothing is known
                    await opened.greet()
                for question in together:
                    await self._put(question, opened, turn)
        return Asked(turn.answered, turn.failures)

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

    async def _put(self, question: Question, opened: _Opened, turn: _Round) -> None:
        """Ask one question and keep its answer; a failure is noted."""
        heard = opened.heard
        try:
            answer = await opened.ask(question)
        except InglenookError as error:
            turn.failures[question.id] = error
            self.told(f"{question.id}: {error.sentence}")
            return
        before = turn.by_process[heard.pid]
        self.kept.keep(Entry(turn.subject, question.key, answer, heard.resident_bytes, heard.peak_bytes, before))
        turn.by_process[heard.pid] += 1
        turn.answered += 1
        done = turn.answered + len(turn.failures)
        self.told(f"{done}/{turn.total} {question.id}: {answer.seconds:.1f} s")

    @asynccontextmanager
    async def _open(self, configuration: Configuration, root: Path, *, unload: bool) -> AsyncGenerator[_Opened]:
        """Open a workspace, wait until index and model are ready, and yield it.

        Args:
            configuration: whose model answers.
            root: the workspace.
            unload: whether the model leaves memory afterwards.
        """
        heard = _Heard()
        async with start_server(self.server, heard.notified) as side:
            await side.initialize(root, configuration.settings, "utf-16")
            await _until_ready(heard)
            opened = _Opened(root, side, heard)
            if heard.loaded_in is not None:
                device = str(heard.engine.get("device") or "")
                self.kept.keep(Loaded(configuration.subject, round(heard.loaded_in, 2), heard.resident_bytes, device))
                await opened.greet()
            yield opened
            if unload and configuration.folder is not None:
                with suppress(InglenookError):  # a server that has died holds no model; all answers are kept
                    await side.request(MODEL, {"action": "unload"})


async def _until_ready(heard: _Heard) -> None:
    """Wait until model and index are ready.

    Raises:
        EngineUnavailable: the model will not be, or it takes too long.
    """
    try:
        async with asyncio.timeout(_READY_SECONDS):
            while not heard.ready:
                heard.changed.clear()
                await heard.changed.wait()
    except TimeoutError:
        state = f"the model is {heard.engine.get('state')}, the index {heard.index.get('state')}"
        raise EngineUnavailable(f"Not ready after {_READY_SECONDS:g} s: {state}.") from None


def _context(root: Path, lines: Lines) -> Mapping[str, Any]:
    start, end = {"line": lines.start - 1, "character": 0}, {"line": lines.end, "character": 0}
    return {"textDocument": {"uri": (root / lines.path).as_uri()}, "range": {"start": start, "end": end}}
