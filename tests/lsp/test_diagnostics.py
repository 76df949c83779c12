"""The last answer's places, in the editor's margin."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from lsp_server.agent.base import Listener
from lsp_server.lsp.diagnostics import PER_FILE
from lsp_server.trace import Citation, Span
from lsp_server.wire import AskResult
from support.in_process import FakeAsker, answer, place, serving
from support.shop import write
from support.wire_client import WireClient

ASK = "inglenook/ask"
PUBLISH = "textDocument/publishDiagnostics"


async def cite(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
    """Cite line 1 of a.py and a line that it has not, give line 2 as evidence, and have searched line 1 of b.py.

    `other` cites only b.py.
    """
    del listener

    def spot(path: str, line: int) -> Citation:
        return place(asker.workspace, path, line)

    if question == "other":
        return answer(citations=(spot("b.py", 1),))
    found = Span("search", "2 hits", 0.0, 34.2, locations=(spot("a.py", 1), spot("b.py", 1)))
    seen = Span("decode", "", 0.0, 1.0, locations=(spot("b.py", 2),))
    beyond = place(asker.workspace, "a.py", 400, verified=False)
    result = answer(citations=(spot("a.py", 1), beyond), evidence=(spot("a.py", 2),))
    return attrs.evolve(result, trace=attrs.evolve(result.trace, id="ask-3", spans=(found, seen)))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text("\N{GRINNING FACE}é = 1\n    indented = 2\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("y = 1\nz = 2\n")
    return tmp_path


def shown(client: WireClient) -> dict[str, list[Any]]:
    """Return what the editor shows now, by file name."""
    files = {Path(params["uri"]).name: params["diagnostics"] for params in client.heard(PUBLISH)}
    return {name: diagnostics for name, diagnostics in files.items() if diagnostics}


def mark(line: int, start: int, end: int, severity: int, message: str) -> dict[str, Any]:
    begin, stop = {"line": line, "character": start}, {"line": line, "character": end}
    return {
        "range": {"start": begin, "end": stop},
        "message": message,
        "severity": severity,
        "code": "ask-3",
        "source": "inglenook",
    }


CITED = [mark(0, 0, 7, 3, "ask #3: the answer cites this"), mark(1, 4, 16, 3, "ask #3: the answer cites this")]
SEARCHED = [mark(0, 0, 5, 4, "ask #3: `search` matched here · 34 ms")]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("off", {}), ("citations", {"a.py": CITED}), ("all", {"a.py": CITED, "b.py": SEARCHED})],
)
async def test_the_setting_decides_what_is_marked(workspace: Path, mode: str, expected: Any):
    """Nothing, the answer's checked places, or the tools' too; in UTF-16 units, and one mark a line."""
    async with serving(cite) as stage:
        await stage.client.initialize(workspace, initializationOptions={"settings": {"trace": {"diagnostics": mode}}})
        await stage.client.request(ASK, {"question": "q"})
        assert shown(stage.client) == expected


async def test_the_next_answer_replaces_the_marks(workspace: Path):
    """Marks of the answer before are gone, in files that the new one does not name too."""
    async with serving(cite) as stage:
        await stage.client.initialize(workspace)
        await stage.client.request(ASK, {"question": "q"})
        await stage.client.request(ASK, {"question": "other"})
        assert set(shown(stage.client)) == {"b.py"}


@pytest.mark.parametrize("by_command", [False, True])
async def test_clear_trace_takes_all_marks_away(workspace: Path, by_command: bool):
    """Clearing leaves no mark, by request and by command; clearing nothing does nothing."""
    async with serving(cite) as stage:
        client = stage.client
        await client.initialize(workspace)
        await client.request(ASK, {"question": "q"})
        for _ in range(2):
            if by_command:
                await client.request("workspace/executeCommand", {"command": "inglenook.clearTrace"})
            else:
                await client.request("inglenook/clearTrace", {})
        assert shown(client) == {}
        assert len(client.heard(PUBLISH)) == 2


async def test_a_file_bears_only_so_many_marks(workspace: Path):
    """More marks than a screen holds are left out."""
    (workspace / "long.py").write_text("x\n" * 500)

    async def much(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        return answer(evidence=tuple(place(asker.workspace, "long.py", line) for line in range(1, 400)))

    async with serving(much) as stage:
        await stage.client.initialize(workspace)
        await stage.client.request(ASK, {"question": "q"})
        assert len(shown(stage.client)["long.py"]) == PER_FILE


async def test_turning_the_setting_off_clears_the_marks(workspace: Path):
    """The setting acts at once, and makes no new agent."""
    async with serving(cite) as stage:
        client = stage.client
        await client.initialize(workspace)
        await client.request(ASK, {"question": "q"})
        client.notify(
            "workspace/didChangeConfiguration", {"settings": {"inglenook": {"trace": {"diagnostics": "off"}}}}
        )
        await client.until(lambda: not shown(client))
        assert len(stage.askers) == 1


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> dict[str, Any]:
    """Return a change of part of a buffer."""
    first, last = ({"line": line, "character": character} for line, character in (start, end))
    return {"range": {"start": first, "end": last}, "text": text}


LINES = ["a", "b", "  marked line", "c", "d"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([edit((0, 0), (0, 0), "new\n")], (3, "marked line")),
        ([edit((0, 0), (2, 0), "")], (0, "marked line")),
        ([edit((3, 0), (4, 1), "")], (2, "marked line")),
        ([edit((2, 0), (2, 0), "\n\n")], (4, "marked line")),
        ([edit((2, 13), (2, 13), "\n  next")], (2, "marked line")),
        ([edit((2, 8), (2, 8), " old")], (2, "marked old line")),
        ([edit((2, 2), (2, 8), "kept")], (2, "kept line")),
        ([edit((2, 8), (2, 9), "\n")], (2, "marked")),
        ([edit((1, 1), (2, 2), "")], (1, "bmarked line")),
        ([edit((2, 0), (3, 0), "")], None),
        ([edit((2, 0), (2, 13), "another")], None),
        ([edit((1, 0), (4, 0), "x\n")], None),
        ([edit((0, 0), (0, 0), "1\n"), edit((0, 0), (0, 0), "2\n")], (4, "marked line")),
        ([edit((2, 13), (2, 0), "gone")], None),
        ([{"text": "x\ny\nz\n  marked line\n"}], (3, "marked line")),
        ([{"text": "x\r\n  marked line\r\n"}], (1, "marked line")),
        ([{"text": "nothing of it\n"}], None),
        ([{"text": ""}], None),
        ([edit((0, 0), (0, 0), "new\n"), {"text": "  marked line"}], (0, "marked line")),
    ],
)
async def test_marks_follow_edits(workspace: Path, changes: Any, expected: tuple[int, str] | None):
    """A mark moves with its line, covers what the line has become, and goes when its line is edited away."""
    file = workspace / "long.py"
    file.write_text("\n".join(LINES))

    async def mark_one(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        return answer(citations=(place(asker.workspace, "long.py", 3),))

    async with serving(mark_one) as stage:
        client = stage.client
        await client.initialize(workspace)
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": "\n".join(LINES)}
        client.notify("textDocument/didOpen", {"textDocument": document})
        await client.request(ASK, {"question": "q"})
        versioned = {"uri": file.as_uri(), "version": 2}
        client.notify("textDocument/didChange", {"textDocument": versioned, "contentChanges": changes})
        await client.request("workspace/symbol", {"query": ""})
        marks = shown(client).get("long.py", [])
        buffer: list[str] = stage.server.workspace.text_documents[file.as_uri()].source.splitlines()
        found: list[tuple[int, str]] = [
            (
                span["start"]["line"],
                buffer[span["start"]["line"]][span["start"]["character"] : span["end"]["character"]],
            )
            for span in (mark["range"] for mark in marks)
        ]
        assert found == ([] if expected is None else [expected])


async def test_edits_elsewhere_publish_nothing(workspace: Path):
    """Typing below a mark, and in files without marks, sends no diagnostics."""
    async with serving(cite) as stage:
        client = stage.client
        await client.initialize(workspace)
        for name, text in (("a.py", "x = 1\n    y = 2\n"), ("b.py", "z = 1\n")):
            document = {"uri": (workspace / name).as_uri(), "languageId": "python", "version": 1, "text": text}
            client.notify("textDocument/didOpen", {"textDocument": document})
        await client.request(ASK, {"question": "q"})
        before = len(client.heard(PUBLISH))
        for name, line in (("a.py", 2), ("b.py", 0)):
            versioned = {"uri": (workspace / name).as_uri(), "version": 2}
            changes = [edit((line, 0), (line, 0), "more\n")]
            client.notify("textDocument/didChange", {"textDocument": versioned, "contentChanges": changes})
        await client.request("workspace/symbol", {"query": ""})
        shown_lines = [mark["range"]["start"]["line"] for mark in shown(client)["a.py"]]
        assert (shown_lines, len(client.heard(PUBLISH)) - before) == ([0, 1], 0)


async def test_a_closed_folder_takes_its_marks_along(workspace: Path, tmp_path_factory: pytest.TempPathFactory):
    """Removing a workspace folder removes the marks below it."""
    other = tmp_path_factory.mktemp("other")
    async with serving(cite) as stage:
        client = stage.client
        await client.initialize(workspace, other)
        await client.request(ASK, {"question": "q"})
        removed = [{"uri": workspace.as_uri(), "name": "w"}]
        client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": removed}})
        await client.until(lambda: not shown(client))


MARKED = "a\nb\nmarked\nc\n"


@asynccontextmanager
async def marked_line(folder: Path, name: str = "long.py") -> AsyncGenerator[WireClient]:
    """Open a folder in which the third line of a file is marked."""
    write(folder, name, MARKED)

    async def mark_one(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
        return answer(citations=(place(asker.workspace, name, 3),))

    async with serving(mark_one) as stage:
        await stage.client.initialize(folder)
        await stage.client.request(ASK, {"question": "q"})
        assert marked(stage.client) == [2]
        yield stage.client


def marked(client: WireClient) -> list[int]:
    return [each["range"]["start"]["line"] for diagnostics in shown(client).values() for each in diagnostics]


def open_document(client: WireClient, uri: str, text: str) -> None:
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": document})


async def test_marks_follow_however_the_client_writes_the_uri(tmp_path: Path):
    """Editors escape other characters than we do, and may have opened the folder by a link."""
    (tmp_path / "link").symlink_to(tmp_path / "c++ (1)")
    async with marked_line(tmp_path / "c++ (1)", "[id]@.py") as client:
        for number, uri in enumerate(
            (f"file://{tmp_path}/c++%20(1)/[id]@.py", f"file://{tmp_path}/link/%5Bid%5D%40.py"), start=1
        ):
            open_document(client, uri, "new\n" * (number - 1) + MARKED)
            versioned = {"uri": uri, "version": 2}
            changes = [edit((0, 0), (0, 0), "new\n")]
            client.notify("textDocument/didChange", {"textDocument": versioned, "contentChanges": changes})
            await client.until(lambda line=2 + number: marked(client) == [line])


async def test_marks_are_found_again_in_another_text(tmp_path: Path):
    """A buffer that is opened with other text, dropped, or a file that changes elsewhere: the mark is on its line."""
    async with marked_line(tmp_path / "w") as client:
        file = tmp_path / "w/long.py"
        open_document(client, file.as_uri(), "1\n2\n3\n" + MARKED)
        await client.until(lambda: marked(client) == [5])
        client.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
        await client.until(lambda: marked(client) == [2])
        file.write_text("x\nmarked\n")
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 2}]})
        await client.until(lambda: marked(client) == [1])
        file.unlink()
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": file.as_uri(), "type": 3}]})
        await client.until(lambda: not marked(client))
