"""Hover and symbol search through the language server, on a thousand files, idle and while the model speaks."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path

import attrs

from lsp_server.modelstore import ModelFolder
from lsp_server.wire import ASK, SEARCH
from models.bench.code.latency import half_and_tail
from models.bench.code.product import private_home
from models.bench.code.server import Serving, serving
from models.bench.figures import Figure

_FILES = 1000
_OPENED = 40
_IN_EACH_FILE = 8
_WHILE_GENERATING = 200
_HOVER_MS = 50
_SILENCE_SECONDS = 120.0
"""Loading the model included."""
_QUESTIONS = (
    "Which classes inherit from Field?",
    "Explain in detail how a QuerySet is evaluated.",
    "Where is ImproperlyConfigured raised?",
)


@attrs.frozen
class Spot:
    """An identifier to hover over."""

    path: Path
    line: int
    """Zero-based."""
    column: int
    """In UTF-16 units."""
    name: str


def measure(tree: Path, model: ModelFolder) -> list[Figure]:
    """Measure on a repository of a thousand of the tree's files, with the model of this machine."""
    with tempfile.TemporaryDirectory(prefix="thousand-") as folder, private_home() as home:
        root = Path(folder, tree.name)
        copied = thousand(tree, root)
        settings = {"model.path": str(model.path), "model.idleMinutes": 0}
        figures = asyncio.run(_measure(root, copied, settings))
        home.wait_until_empty()
    return figures


def thousand(tree: Path, root: Path) -> list[Path]:
    """Copy the first thousand Python files of `tree` to `root`, as a git repository where there is git."""
    sources = sorted(tree.glob("django/**/*.py")) + sorted(tree.glob("tests/**/*.py"))
    copied: list[Path] = []
    for source in sources[:_FILES]:
        target = root / source.relative_to(tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        copied.append(Path(shutil.copyfile(source, target)))
    if shutil.which("git"):
        author = ("-c", "user.name=bench", "-c", "user.email=bench@localhost", "-c", "commit.gpgsign=false")
        for command in (("init", "--quiet"), ("add", "."), (*author, "commit", "--quiet", "--message", "The tree")):
            subprocess.run(["git", *command], cwd=root, check=True)  # noqa: S603, S607 - constant commands
    return copied


def spots(path: Path, count: int) -> list[Spot]:
    """Return identifiers spread over a file, found by Python's own parser: names, attributes, definitions."""
    text = path.read_text("utf-8")
    lines = text.splitlines()
    found = sorted(set(_identifiers(ast.parse(text), lines)))
    if not found:
        return []
    chosen = found[:: max(1, len(found) // count)][:count]
    return [Spot(path, line, _utf16(lines[line], column), name) for line, column, name in chosen]


def _identifiers(tree: ast.AST, lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield zero-based lines, columns in bytes, and names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno - 1, node.col_offset, node.id
        elif isinstance(node, ast.Attribute) and node.end_lineno and node.end_col_offset:
            yield node.end_lineno - 1, node.end_col_offset - len(node.attr.encode()), node.attr
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            head = lines[node.lineno - 1].encode()
            at = head.find(node.name.encode(), node.col_offset + len("def"))
            if at >= 0:
                yield node.lineno - 1, at, node.name


def _utf16(line: str, column: int) -> int:
    return len(line.encode()[:column].decode().encode("utf-16-le")) // 2


async def _measure(root: Path, files: Sequence[Path], settings: dict[str, str | int]) -> list[Figure]:
    opened = files[:: max(1, len(files) // _OPENED)]
    asked = [spot for path in opened for spot in spots(path, _IN_EACH_FILE)]
    async with serving(root, settings) as served:
        for path in opened:
            document = {"uri": path.as_uri(), "languageId": "python", "version": 1, "text": path.read_text("utf-8")}
            served.side.notify("textDocument/didOpen", {"textDocument": document})
        for spot in asked[:10]:
            await _hover(served, spot)
        hovers = [await _hover(served, spot) for spot in asked]
        searches = [await _search(served, spot) for spot in asked]
        async with _generating(served):
            busy_hovers, busy_searches = await _while_generating(served, asked)
    carded = [taken for taken, card in hovers if card]
    note = f"identifiers of {len(opened)} open files that have a card, {len(files):,} files in all"
    return [
        *half_and_tail("hover, idle", carded, _HOVER_MS, note),
        *half_and_tail("hover while generating", busy_hovers, _HOVER_MS, "the 0.5b model decodes on the same cores"),
        Figure(
            "identifiers that have a card",
            100 * len(carded) / len(hovers),
            "%",
            note=f"of {len(hovers)}; the others are local, built in or from outside the tree",
        ),
        *half_and_tail("symbol search by request, idle", searches),
        *half_and_tail("symbol search by request while generating", busy_searches),
    ]


async def _hover(served: Serving, spot: Spot) -> tuple[float, bool]:
    """Return the seconds until the card came, and whether there was one."""
    began = time.perf_counter()
    place = {"uri": spot.path.as_uri()}, {"line": spot.line, "character": spot.column}
    card = await served.side.request("textDocument/hover", {"textDocument": place[0], "position": place[1]})
    return time.perf_counter() - began, card is not None


async def _search(served: Serving, spot: Spot) -> float:
    began = time.perf_counter()
    await served.side.request(SEARCH, {"query": spot.name, "kind": "symbol"})
    return time.perf_counter() - began


async def _while_generating(served: Serving, asked: Sequence[Spot]) -> tuple[list[float], list[float]]:
    """Hover and search in turns; what counts are cards, and only while the model was at work."""
    hovers: list[float] = []
    searches: list[float] = []
    for spot in cycle(asked):
        if min(len(hovers), len(searches)) >= _WHILE_GENERATING:
            break
        await _busy(served)
        taken, card = await _hover(served, spot)
        if card and served.generating.is_set():
            hovers.append(taken)
        await _busy(served)
        taken = await _search(served, spot)
        if served.generating.is_set():
            searches.append(taken)
    return hovers, searches


async def _busy(served: Serving) -> None:
    await asyncio.wait_for(served.generating.wait(), _SILENCE_SECONDS)


@asynccontextmanager
async def _generating(served: Serving) -> AsyncGenerator[None]:
    """Ask one question after another through the same server; the block begins with the model at work."""

    async def ask() -> None:
        for question in cycle(_QUESTIONS):
            await served.side.request(ASK, {"question": question})

    asking = asyncio.create_task(ask())
    try:
        await _busy(served)
        yield
    finally:
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
