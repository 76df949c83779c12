"""Puts questions to the product as an editor does: a language server for each workspace, one model process for all."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
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
from models.bench.model.kept import Entry, Kept, Loaded
from models.bench.model.questions import Lines, Question

SERVER = (sys.executable, "-m", "lsp_server", "serve", "--stdio")
_READY_SECONDS = 900.0
"""A 7B in half precision takes minutes to load from a slow disk."""
_GREETING = "Hello"
"""Asked once of a model that was just loaded, and not counted: from then on its prompt is known, as in daily use."""
_RUNTIME = "XDG_RUNTIME_DIR"

Told = Callable[[str], None]


@attrs.frozen
class Asked:
    """What a run of one configuration came to."""

    answered: int
    failures: Mapping[str, InglenookError]
    """By question; these are asked again next time."""


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
    def resident_bytes(self) -> int:
        """What the model's process holds now; 0 where it is not on this machine."""
        pid = self.engine.get("pid")
        try:
            return psutil.Process(pid).memory_info().rss if pid else 0
        except psutil.Error:
            return 0


@contextmanager
def own_runtime() -> Generator[None]:
    """Meet model processes in a folder of this run's own: no editor's model is timed, disturbed or ended."""
    before = os.environ.get(_RUNTIME)
    folder = tempfile.mkdtemp(prefix="nook-")
    os.environ[_RUNTIME] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ[_RUNTIME]
        else:
            os.environ[_RUNTIME] = before
        shutil.rmtree(folder, ignore_errors=True)


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
            EngineUnavailable: the model cannot be served.
        """
        subject = configuration.subject
        left = [question for question in questions if self.kept.answer(subject, question.key) is None]
        left.sort(key=lambda question: question.package)
        failures: dict[str, InglenookError] = {}
        asked = 0
        for package, group in groupby(left, key=lambda question: question.package):
            together = tuple(group)
            root = self.workspaces(package)
            async with self._open(configuration, root, unload=together[-1] is left[-1]) as (side, heard):
                for question in together:
                    try:
                        answer = await _ask(side, root, question)
                    except InglenookError as error:
                        failures[question.id] = error
                        self.told(f"{question.id}: {error.sentence}")
                        continue
                    self.kept.keep(Entry(subject, question.key, answer, heard.resident_bytes, asked))
                    asked += 1
                    self.told(f"{asked + len(failures)}/{len(left)} {question.id}: {answer.seconds:.1f} s")
        return Asked(asked, failures)

    @asynccontextmanager
    async def _open(
        self, configuration: Configuration, root: Path, *, unload: bool
    ) -> AsyncGenerator[tuple[EditorSide, _Heard]]:
        """Open a workspace, wait until index and model are ready, and yield the editor's side.

        Args:
            configuration: whose model answers.
            root: the workspace.
            unload: whether the model leaves memory afterwards.
        """
        heard = _Heard()
        async with start_server(self.server, heard.notified) as side:
            await side.initialize(root, configuration.settings, "utf-16")
            async with asyncio.timeout(_READY_SECONDS):
                while not heard.ready:
                    heard.changed.clear()
                    await heard.changed.wait()
            if heard.loaded_in is not None:
                device = str(heard.engine.get("device") or "")
                self.kept.keep(Loaded(configuration.subject, round(heard.loaded_in, 2), heard.resident_bytes, device))
                await side.request(ASK, {"question": _GREETING})
            yield side, heard
            if unload and configuration.folder is not None:
                await side.request(MODEL, {"action": "unload"})


async def _ask(side: EditorSide, root: Path, question: Question) -> Answer:
    """Ask one question in a conversation of its own."""
    params: dict[str, Any] = {"question": question.question}
    if question.selection is not None:
        params["context"] = _context(root, question.selection)
    began = time.perf_counter()
    result = await side.request(ASK, params)
    return answer_of(result, time.perf_counter() - began)


def _context(root: Path, lines: Lines) -> Mapping[str, Any]:
    start, end = {"line": lines.start - 1, "character": 0}, {"line": lines.end, "character": 0}
    return {"textDocument": {"uri": (root / lines.path).as_uri()}, "range": {"start": start, "end": end}}
