"""Unsaved text shadows files, and survives a new workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lsp_server.agent.base import Listener
from lsp_server.wire import AskResult
from support.in_process import FakeAsker, Stage, answer, serving

ASK = "inglenook/ask"


async def quote(asker: FakeAsker, question: str, listener: Listener) -> AskResult:
    """Answer with the text of the file that the question names, and whether the folder is trusted."""
    del listener
    return answer("|".join(asker.workspace.files.lines(question)) + f"|{asker.workspace.trusted}")


async def text_of(stage: Stage, path: str) -> str:
    return (await stage.client.request(ASK, {"question": path}))["answer"].rpartition("|")[0]


def opened(path: Path, text: str) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": text}}


def changed(path: Path, text: str, **where: Any) -> dict[str, Any]:
    return {"textDocument": {"uri": path.as_uri(), "version": 2}, "contentChanges": [{"text": text} | where]}


async def test_a_buffer_shadows_its_file_until_it_is_closed(tmp_path: Path):
    """What the editor shows counts: opened, changed in part, closed."""
    file = tmp_path / "dir é" / "a b.py"
    file.parent.mkdir()
    file.write_text("saved\n")
    where = {"start": {"line": 0, "character": 3}, "end": {"line": 0, "character": 5}}
    async with serving(quote) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        name = "dir é/a b.py"
        assert await text_of(stage, name) == "saved"
        client.notify("textDocument/didOpen", opened(file, "\N{GRINNING FACE} open\n"))
        assert await text_of(stage, name) == "\N{GRINNING FACE} open"
        client.notify("textDocument/didChange", changed(file, "chang", range=where))
        assert await text_of(stage, name) == "\N{GRINNING FACE} changen"
        client.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})
        assert await text_of(stage, name) == "saved"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_an_edit_lands_on_the_line_that_the_client_sees(tmp_path: Path, encoding: str):
    """Form feeds and Unicode's own separators end no line, and columns count what was agreed upon."""
    (tmp_path / "a.py").write_text("saved\n")
    line = '\N{GRINNING FACE}\u2028\x0c = "old"'
    column = len(line[: line.index("old")].encode(encoding if encoding == "utf-8" else f"{encoding}-le"))
    column //= {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    where = {"start": {"line": 2, "character": column}, "end": {"line": 2, "character": column + 3}}
    async with serving(quote) as stage:
        await stage.client.initialize(tmp_path, capabilities={"general": {"positionEncodings": [encoding]}})
        stage.client.notify("textDocument/didOpen", opened(tmp_path / "a.py", f"x\x0c\x0b\n\x85\u2029\n{line}"))
        stage.client.notify("textDocument/didChange", changed(tmp_path / "a.py", "new", range=where))
        stage.client.notify("textDocument/didChange", changed(tmp_path / "b.py", "never opened", range=where))
        assert (await text_of(stage, "a.py")).endswith(line.replace("old", "new"))


async def test_buffers_opened_early_are_known(tmp_path: Path):
    """A file that was opened before the workspace was ready counts as open."""
    (tmp_path / "a.py").write_text("saved\n")
    async with serving(quote) as stage:
        await stage.client.initialize(tmp_path)
        stage.client.notify("textDocument/didOpen", opened(tmp_path / "a.py", "early\n"))
        assert await text_of(stage, "a.py") == "early"


async def test_buffers_survive_a_new_workspace(tmp_path: Path):
    """A change of settings or folders does not forget unsaved text."""
    (tmp_path / "a.py").write_text("saved\n")
    async with serving(quote) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        client.notify("textDocument/didOpen", opened(tmp_path / "a.py", "unsaved\n"))
        assert await text_of(stage, "a.py") == "unsaved"
        client.notify("workspace/didChangeConfiguration", {"settings": {"files": {"maxBytes": 5000}}})
        assert await text_of(stage, "a.py") == "unsaved"
        assert len(stage.askers) == 2


async def test_documents_elsewhere_are_passed_over(tmp_path: Path):
    """Untitled buffers, other schemes and files outside do no harm."""
    (tmp_path / "a.py").write_text("saved\n")
    async with serving(quote) as stage:
        client = stage.client
        await client.initialize(tmp_path)
        for uri in ("untitled:Untitled-1", "git:/a.py?x", "file:///elsewhere/a.py", "not a uri", ""):
            client.notify(
                "textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "x", "version": 1, "text": "t"}}
            )
            client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        client.notify("textDocument/didChange", changed(tmp_path / "a.py", "never opened"))
        assert await text_of(stage, "a.py") == "saved"


async def test_trust_reaches_the_workspace(tmp_path: Path):
    """Restricted Mode is known from the start, and its end is heard."""
    (tmp_path / "a.py").write_text("x\n")
    async with serving(quote) as stage:
        await stage.client.initialize(tmp_path, initializationOptions={"trusted": False})
        assert (await stage.client.request(ASK, {"question": "a.py"}))["answer"] == "x|False"
        stage.client.notify("inglenook/trust", {"trusted": True})
        assert (await stage.client.request(ASK, {"question": "a.py"}))["answer"] == "x|True"
