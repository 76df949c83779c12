"""The index of the Django tree: cold beside ctags, warm, after an edit, on disk and in memory."""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_server.workspace.workspace import Workspace
from models.bench.code.latency import half_and_tail, in_pairs
from models.bench.code.product import Start, opened, private_home
from models.bench.code.rivals import Ctags
from models.bench.figures import Figure

_PAIRS = 5
_WARM_STARTS = 5
_EDITS = 20
_GIVE_UP_SECONDS = 10.0
_OVER_CTAGS = 3
_WARM_SECONDS = 1
_EDIT_MS = 100
_EDITED = "django/db/models/query.py"


def measure(root: Path, ctags: Ctags | None) -> list[Figure]:
    """Measure on a copy, since files are edited."""
    with tempfile.TemporaryDirectory(prefix="tree-") as folder:
        copied = Path(folder, root.name)
        shutil.copytree(root, copied)
        return [*_cold(copied, ctags), *_warm(copied)]


def _cold(root: Path, ctags: Ctags | None) -> list[Figure]:
    pairs = in_pairs(range(_PAIRS), lambda _: _cold_start(root), lambda _: ctags and ctags.index(root).seconds)
    ours = [start.ready for (start, _, _), _ in pairs]
    ranked = statistics.median(start.ranked for (start, _, _), _ in pairs)
    _, files, size = pairs[-1][0]
    median = statistics.median(ours)
    figures = [
        Figure("cold index", median, "s", note=f"{files:,} files; median of {_PAIRS}, {_spread(ours)}"),
        Figure("cold index, files", files / median, "files/s"),
        Figure(
            "cold index, ranked words too", ranked, "s", note="they follow when names, references and texts are whole"
        ),
    ]
    theirs = [seconds for _, seconds in pairs if seconds is not None]
    if theirs:
        ratio = statistics.median(our / their for our, their in zip(ours, theirs, strict=True))
        figures += [
            Figure("universal-ctags, the same tree", statistics.median(theirs), "s", note=_spread(theirs)),
            Figure("cold index over universal-ctags", ratio, "times", _OVER_CTAGS, note=f"median of {_PAIRS} pairs"),
        ]
    return [*figures, Figure("index on disk", size / 2**20, "MiB")]


def _cold_start(root: Path) -> tuple[Start, int, int]:
    """Return what a first index takes, the files in it, and its bytes on disk."""
    with private_home() as home, opened(root) as (workspace, start):
        return start, workspace.index_state.files, home.index_bytes


def _warm(root: Path) -> list[Figure]:
    with private_home() as home:
        with opened(root) as (workspace, _):
            figures = _edits(workspace, root)
        starts: list[float] = []
        for _ in range(_WARM_STARTS):
            home.wait_until_empty()  # the next window starts an indexer of its own
            with opened(root) as (_, start):
                starts.append(start.ready)
    note = f"an indexer started and every file compared; the slowest of {_WARM_STARTS}"
    return [Figure("warm start", max(starts), "s", _WARM_SECONDS, note=note), *figures]


def _edits(workspace: Workspace, root: Path) -> list[Figure]:
    """Add a function to a large file, saved and unsaved, and ask for it until it is found."""
    path = root / _EDITED
    text = path.read_text("utf-8")

    def saved(name: str) -> None:
        path.write_text(f"{text}\n\ndef {name}():\n    pass\n", "utf-8")
        workspace.files_changed([path])

    def typed(name: str) -> None:
        workspace.files.change_buffer(path.as_uri(), f"{text}\n\ndef {name}():\n    pass\n")

    saves = [_until_found(workspace, f"saved_in_round_{at}", saved) for at in range(_EDITS)]
    workspace.files.open_buffer(path.as_uri(), text)
    keys = [_until_found(workspace, f"typed_in_round_{at}", typed) for at in range(_EDITS)]
    workspace.files.close_buffer(path.as_uri())
    note = f"a function added to {_EDITED} ({len(text) // 1000} kB) until a symbol search finds it"
    return [
        *half_and_tail("saved edit to searchable", saves, _EDIT_MS, note),
        *half_and_tail("unsaved edit to searchable", keys, _EDIT_MS, note),
    ]


def _until_found(workspace: Workspace, name: str, edit: Callable[[str], None]) -> float:
    began = time.perf_counter()
    edit(name)
    while time.perf_counter() - began < _GIVE_UP_SECONDS:
        if any(hit.name == name for hit in workspace.find(name, "symbol", 1).hits):
            return time.perf_counter() - began
    raise RuntimeError(f"An edit was not found within {_GIVE_UP_SECONDS:g} s.")


def _spread(seconds: Sequence[float]) -> str:
    return f"{min(seconds):.2f} to {max(seconds):.2f} s"
