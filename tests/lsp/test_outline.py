"""The outline of a file: every definition, with ranges that hold each other as they should."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.in_process import Stage, serving
from support.shop import CORE, make_shop, write

NESTED = {"textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}}}
KINDS = {"class": 5, "method": 6, "function": 12, "constant": 14, "variable": 13, "heading": 15}


async def outline(stage: Stage, path: Path) -> Any:
    return await stage.client.request("textDocument/documentSymbol", {"textDocument": {"uri": path.as_uri()}})


def every(symbols: list[Any], around: Any = None) -> Iterator[tuple[Any, Any]]:
    """Yield each symbol with the one around it."""
    for symbol in symbols:
        yield symbol, around
        yield from every(symbol.get("children", []), symbol)


def span(range_: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    start, end = range_["start"], range_["end"]
    return (start["line"], start["character"]), (end["line"], end["character"])


def sliced(text: str, range_: Any) -> str:
    """Return what a range in UTF-16 names."""
    lines = [line.encode("utf-16-le") for line in text.split("\n")]
    (first, begin), (last, end) = span(range_)
    if first == last:
        return lines[first][2 * begin : 2 * end].decode("utf-16-le")
    middle = lines[first + 1 : last]
    return b"\n\0".join([lines[first][2 * begin :], *middle, lines[last][: 2 * end]]).decode("utf-16-le")


async def test_an_outline_is_nested(tmp_path: Path):
    """Members stand below their class, with kind and signature, and each range holds its name and its members."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path), capabilities=NESTED)
        found = await outline(stage, tmp_path / "src/shop/core.py")
        registry = next(symbol for symbol in found if symbol["name"] == "Registry")
        assert (registry["kind"], registry["detail"]) == (KINDS["class"], "Registry(Closable)")
        members = {symbol["name"]: symbol for symbol in registry["children"]}
        assert members["check"]["kind"] == KINDS["method"]
        assert sliced(CORE, members["check"]["range"]).startswith("def check(")
        assert sliced(CORE, members["check"]["range"]).endswith("return True")
        for symbol, around in every(found):
            assert sliced(CORE, symbol["selectionRange"]) == symbol["name"]
            (start, end), (name, after) = span(symbol["range"]), span(symbol["selectionRange"])
            assert start <= name <= after <= end
            if around is not None:
                assert span(around["range"])[0] <= start <= end <= span(around["range"])[1]


async def test_an_older_client_gets_a_list(tmp_path: Path):
    """A client without nesting gets every definition with its place and its container."""
    async with serving() as stage:
        await stage.client.initialize(make_shop(tmp_path))
        found = await outline(stage, tmp_path / "src/shop/core.py")
        check = next(symbol for symbol in found if symbol["name"] == "check")
        assert check["containerName"] == "Registry"
        assert check["location"]["uri"] == (tmp_path / "src/shop/core.py").as_uri()
        assert sliced(CORE, check["location"]["range"]).startswith("def check(")


async def test_headings_are_an_outline_too(tmp_path: Path):
    """Markdown shows its headings."""
    file = write(tmp_path, "a.md", "# One\n\ntext\n\n## Two.three\n\nmore\n")
    async with serving() as stage:
        await stage.client.initialize(tmp_path, capabilities=NESTED)
        names = [(symbol["name"], symbol["kind"]) for symbol, _ in every(await outline(stage, file))]
        assert names == [("One", KINDS["heading"]), ("Two.three", KINDS["heading"])]


@pytest.mark.parametrize("name", ["\N{GRINNING FACE}", "é", "x"])
async def test_columns_are_the_clients(tmp_path: Path, name: str):
    """Wide characters before a name do not shift its range."""
    text = f"NAME = '{name}'; OTHER = 1\n"
    file = write(tmp_path, "a.py", text)
    async with serving() as stage:
        await stage.client.initialize(tmp_path, capabilities=NESTED)
        for symbol in await outline(stage, file):
            assert sliced(text, symbol["selectionRange"]) == symbol["name"]


async def test_a_buffer_is_outlined_as_it_is(tmp_path: Path):
    """What is typed and not saved is in the outline; other line ends do not shift it."""
    file = write(tmp_path, "a.py", "class Old: pass\n")
    async with serving() as stage:
        await stage.client.initialize(tmp_path, capabilities=NESTED)
        text = "\r\n\r\nclass New:\r\n    def method(self): pass\r\n"
        document = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": text}
        stage.client.notify("textDocument/didOpen", {"textDocument": document})
        [new] = await outline(stage, file)
        assert (new["name"], span(new["selectionRange"])) == ("New", ((2, 6), (2, 9)))


async def test_a_broken_file_has_what_can_be_read_of_it(tmp_path: Path):
    """A syntax error in the middle costs no more than what it spoils."""
    file = write(tmp_path, "a.py", "class A:\n    def a(self): pass\n\ndef broken(:\n\nclass B:\n    pass\n")
    async with serving() as stage:
        await stage.client.initialize(tmp_path, capabilities=NESTED)
        names = [symbol["name"] for symbol, _ in every(await outline(stage, file))]
        assert {"A", "a", "B"} <= set(names)
