"""Searching through the editor's door: typed, ranged, streamed, and only the newest counts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from lsp_server.workspace.files import line_at
from lsp_server.workspace.hits import Found, Hit
from lsp_server.workspace.problems import ToolProblem
from lsp_server.workspace.scope import never
from lsp_server.workspace.view import Freshness
from lsp_server.workspace.workspace import Workspace
from support.in_process import serving
from support.shop import make_shop, write
from support.wire_client import RpcError

SEARCH = "inglenook/search"
SYMBOL = "workspace/symbol"


def hit_at(workspace: Workspace, path: str, word: bytes, **changes: Any) -> Hit:
    """Return a hit on the first occurrence of a word in a file."""
    located = workspace.scope.locate(path)
    data = workspace.files.data(located)
    start = data.index(word)
    line = data.count(b"\n", 0, start) + 1
    text = line_at(data, line)
    at = len(data[data.rfind(b"\n", 0, start) + 1 : start].decode())
    found = Hit(located, start, start + len(word), line, text, ((at, at + len(word.decode())),), "class", 1.0)
    return attrs.evolve(found, **changes)


@attrs.define
class FakeFind:
    """Stands for `Workspace.find`: tells and returns what the test says, when it says so."""

    hits: Callable[[Workspace], tuple[Hit, ...]] = lambda _workspace: ()
    hangs_on: str = ""
    asked: list[tuple[str, str, int]] = attrs.field(factory=list[tuple[str, str, int]])
    stopped: threading.Event = attrs.field(factory=threading.Event)

    def __call__(  # noqa: PLR0913, PLR0917 - the signature of what it stands for
        self,
        workspace: Workspace,
        query: str,
        kind: str = "auto",
        limit: int = 50,
        cancelled: Callable[[], bool] = never,
        first: Callable[[tuple[Hit, ...]], None] | None = None,
    ) -> Found:
        self.asked.append((query, kind, limit))
        if query == "(":
            raise ToolProblem("The regular expression is not understood.", "Close it.")
        hits = self.hits(workspace)
        if first is not None:
            first(hits[:1])
        if query == self.hangs_on:
            while not cancelled():
                threading.Event().wait(0.001)
            self.stopped.set()
        return Found(hits, 7, "words", Freshness(12, 3, "Not ready yet."), "Words.")


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> FakeFind:
    fake = FakeFind()

    def run(workspace: Workspace, *given: Any, **named: Any) -> Found:
        return fake(workspace, *given, **named)

    monkeypatch.setattr(Workspace, "find", run, raising=False)
    return fake


async def test_a_hit_says_all_there_is(tmp_path: Path, find: FakeFind):
    """Path, range in the client's units, the line with its marks, kind, score, and what the result is worth."""
    write(tmp_path, "a b/é.py", "# \N{GRINNING FACE}\nx = '\N{GRINNING FACE}'; class Ünit: pass\n")
    find.hits = lambda workspace: (hit_at(workspace, "a b/é.py", "Ünit".encode(), name="Ünit", by_name=True),)
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        result = await stage.client.request(SEARCH, {"query": "unit", "kind": "symbol", "limit": 5})
        assert find.asked == [("unit", "symbol", 5)]
        assert isinstance(result.pop("elapsedMs"), float)
        assert result == {
            "hits": [
                {
                    "uri": (tmp_path / "a b/é.py").as_uri(),
                    "path": "a b/é.py",
                    "range": {"start": {"line": 1, "character": 16}, "end": {"line": 1, "character": 20}},
                    "text": "x = '\N{GRINNING FACE}'; class Ünit: pass",
                    "kind": "class",
                    "score": 1.0,
                    "marks": [[16, 20]],
                    "name": "Ünit",
                    "byName": True,
                }
            ],
            "total": 7,
            "freshness": {"files": 12, "stale": 3, "note": "Not ready yet."},
            "kind": "words",
            "note": "Words.",
        }


@pytest.mark.parametrize(("encoding", "start"), [("utf-8", 18), ("utf-16", 16), ("utf-32", 15)])
async def test_ranges_count_what_the_client_counts(tmp_path: Path, find: FakeFind, encoding: str, start: int):
    """Columns are in the encoding that the client chose; marks stay in UTF-16."""
    write(tmp_path, "a.py", "x = '\N{GRINNING FACE}'; class Unit: pass\n")
    find.hits = lambda workspace: (hit_at(workspace, "a.py", b"Unit"),)
    async with serving() as stage:
        await stage.client.initialize(tmp_path, capabilities={"general": {"positionEncodings": [encoding]}})
        [hit] = (await stage.client.request(SEARCH, {"query": "unit"}))["hits"]
        assert (hit["range"]["start"]["character"], hit["marks"]) == (start, [[16, 20]])


async def test_the_best_so_far_is_streamed(tmp_path: Path, find: FakeFind):
    """Partial results replace each other and come before the answer; progress begins and ends."""
    write(tmp_path, "a.py", "one two\n")
    find.hits = lambda workspace: (hit_at(workspace, "a.py", b"one"), hit_at(workspace, "a.py", b"two"))
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path)
        result = await client.request(SEARCH, {"query": "q", "partialResultToken": "p", "workDoneToken": "w"})
        assert client.progress("p") == [{"kind": "hits", "hits": result["hits"][:1]}]
        begin, end = client.progress("w")
        assert begin == {"kind": "begin", "title": "Search", "cancellable": True}
        assert end["message"].startswith("7 hits · 12 files searched · ")
        assert end["message"].endswith(" ms · 3 not yet indexed")


async def test_a_newer_search_cancels_the_one_that_runs(tmp_path: Path, find: FakeFind):
    """Whoever types on gets the newer answer; the older request is answered with an error of its own."""
    find.hangs_on = "ol"
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path)
        _, older = client.begin(SEARCH, {"query": "ol", "workDoneToken": "w", "partialResultToken": "p"})
        await client.until(lambda: client.progress("p"))
        assert (await client.request(SEARCH, {"query": "older"}))["total"] == 7
        with pytest.raises(RpcError) as caught:
            await client.answered(older)
        assert (caught.value.code, caught.value.data["kind"]) == (-32802, "superseded")
        assert client.progress("w")[-1] == {"kind": "end", "message": "Cancelled"}
        assert find.stopped.wait(10)


@pytest.mark.parametrize("way", ["$/cancelRequest", "window/workDoneProgress/cancel"])
async def test_either_cancel_stops_a_search(tmp_path: Path, find: FakeFind, way: str):
    """A cancelled search is answered at once, and its thread is told."""
    find.hangs_on = "q"
    async with serving() as stage:
        client = stage.client
        await client.initialize(tmp_path)
        params = {"query": "q", "workDoneToken": "w", "partialResultToken": "p"}
        msg_id, searching = client.begin(SEARCH, params)
        await client.until(lambda: client.progress("p"))
        client.notify(way, {"id": msg_id} if way.startswith("$") else {"token": "w"})
        with pytest.raises(RpcError) as caught:
            await client.answered(searching)
        assert caught.value.code == -32800
        assert find.stopped.wait(10)


async def test_long_searches_hold_nothing_else_up(tmp_path: Path, find: FakeFind):
    """While more symbol searches hang than there are threads for them, other requests are answered."""
    find.hangs_on = "q"
    async with serving() as stage:
        client = stage.client
        await client.initialize(make_shop(tmp_path))
        hanging = [client.begin(SYMBOL, {"query": "q"}) for _ in range(8)]
        uri = (tmp_path / "src/shop/core.py").as_uri()
        assert await client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        for msg_id, searching in hanging:
            client.notify("$/cancelRequest", {"id": msg_id})
            with pytest.raises(RpcError):
                await client.answered(searching)


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({}, "query"),
        ({"query": 5}, "query"),
        ({"query": "q", "limit": 0}, "0 hits"),
        ({"query": "q", "limit": -1}, "-1 hits"),
        ({"query": "q", "limit": 1001}, "1001 hits"),
        ({"query": "q", "limit": "5"}, "limit"),
        ({"query": "q", "kind": "psychic"}, "kind"),
        ({"query": "("}, "not understood"),
    ],
)
async def test_what_cannot_be_searched_is_a_sentence(tmp_path: Path, find: FakeFind, params: Any, sentence: str):
    """Parameters of the wrong type or size, and queries that cannot be used, are told; the next search works."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        error = await stage.client.fails(SEARCH, params)
        assert (error.code, error.data["kind"]) == (1001, "badRequest")
        assert sentence in error.message
        assert await stage.client.request(SEARCH, {"query": "q"})


@pytest.mark.parametrize("argument", ["Registry", {"query": "Registry", "limit": 3}])
async def test_any_editor_searches_by_command(tmp_path: Path, find: FakeFind, argument: Any):
    """`inglenook.search` takes the query alone or all parameters."""
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        command = {"command": "inglenook.search", "arguments": [argument]}
        assert (await stage.client.request("workspace/executeCommand", command))["total"] == 7
        assert find.asked[0][0] == "Registry"


async def test_without_a_folder_there_is_a_sentence(find: FakeFind):
    """With no folder open a search says so; symbols are simply none."""
    async with serving() as stage:
        await stage.client.initialize()
        assert (await stage.client.fails(SEARCH, {"query": "q"})).data["kind"] == "workspace"
        assert await stage.client.request(SYMBOL, {"query": "q"}) == []


async def test_a_search_needs_no_agent(tmp_path: Path, find: FakeFind):
    """Search works where the model's framework cannot even be imported."""

    def broken(*_given: Any) -> Any:
        raise ImportError("no framework")

    async with serving(agent_factory=broken) as stage:
        await stage.client.initialize(tmp_path)
        for _ in range(2):
            assert (await stage.client.request(SEARCH, {"query": "q"}))["total"] == 7


async def test_a_hit_whose_file_is_gone_is_left_out(tmp_path: Path, find: FakeFind):
    """What was deleted, or cut short, since it was found is not shown with a wrong range."""
    for name in ("a.py", "b.py", "c.py"):
        write(tmp_path, name, "\n\none\n")

    def hits(workspace: Workspace) -> tuple[Hit, ...]:
        found = tuple(hit_at(workspace, name, b"one") for name in ("a.py", "b.py", "c.py"))
        (tmp_path / "a.py").unlink()
        (tmp_path / "b.py").write_text("x")
        return found

    find.hits = hits
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        result = await stage.client.request(SEARCH, {"query": "q"})
        assert [hit["path"] for hit in result["hits"]] == ["c.py"]


async def test_a_file_without_text_is_found_by_its_name(tmp_path: Path):
    """A picture is listed as a file that begins at its beginning."""
    (tmp_path / "receipt.png").write_bytes(b"\x89PNG\r\n\0\0")
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        result = await stage.client.request(SEARCH, {"query": "receipt.png"})
        [hit] = result["hits"]
        assert (hit["path"], hit["kind"], result["total"]) == ("receipt.png", "file", 1)
        assert hit["range"] == {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}


async def test_a_private_key_is_no_file_without_text(tmp_path: Path):
    """What is never shown is not shown by its name either, whatever it is called."""
    (tmp_path / "deploy_note").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n", "utf-8")
    (tmp_path / "deploy_shot").write_bytes(b"\x89PNG\r\n\0\0")
    async with serving() as stage:
        await stage.client.initialize(tmp_path)
        result = await stage.client.request(SEARCH, {"query": "deploy_"})
        assert [hit["path"] for hit in result["hits"]] == ["deploy_shot"]


async def test_symbols_of_the_workspace(tmp_path: Path):
    """`workspace/symbol` names definitions with kind, place, and what tells them apart; an empty query none."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path))
        found = await stage.client.request(SYMBOL, {"query": "register_factory"})
        [first, *_] = [item for item in found if item["name"] == "register_factory"]
        assert first["kind"] == 6
        assert first["containerName"] == "Registry · src/shop/core.py"
        assert first["location"]["uri"] == (tmp_path / "src/shop/core.py").as_uri()
        assert first["location"]["range"]["start"]["character"] == len("    def ")
        assert await stage.client.request(SYMBOL, {"query": ""}) == []
        assert await stage.client.request(SYMBOL, {"query": "x" * 10_000}) == []


async def test_a_real_search(tmp_path: Path):
    """The door finds what the engine finds: every range slices the text that it names."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path))
        result = await stage.client.request(SEARCH, {"query": "ServiceMissing"})
        assert result["hits"]
        for hit in result["hits"]:
            start, end = hit["range"]["start"], hit["range"]["end"]
            line = (tmp_path / hit["path"]).read_text().splitlines()[start["line"]]
            assert line[start["character"] : end["character"]] == "ServiceMissing"
