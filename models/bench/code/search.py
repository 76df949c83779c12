"""Search on the Django tree: four kinds of queries, with ripgrep in the same minute for text and expressions."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

import attrs

from lsp_server.kinds import SearchKind
from lsp_server.workspace.workspace import Workspace
from models.bench.code.latency import half_and_tail, in_pairs, percentile, timed
from models.bench.code.product import opened, private_home
from models.bench.code.rivals import Ripgrep
from models.bench.figures import Figure

_ROUNDS = 3
_LIMIT = 50
_WARM_UP = ("warm up", "warm.up")
_TARGETS: Mapping[str, float] = {"symbol": 20, "ranked": 50}
"""Milliseconds that the 95th percentile may take."""
_OVER_RIPGREP = 1.5


@attrs.frozen
class Queries:
    """What is asked of the tree."""

    symbol: tuple[str, ...]
    exact: tuple[str, ...]
    regex: tuple[str, ...]
    ranked: tuple[str, ...]


def queries() -> Queries:
    """Read the queries."""
    data = tomllib.loads(resources.files("models.bench.code").joinpath("queries.toml").read_text("utf-8"))
    return Queries(**{kind: tuple(texts) for kind, texts in data.items()})


def measure(root: Path, ripgrep: Ripgrep | None) -> list[Figure]:
    """Ask every query in several rounds, the kinds and the programs taking turns."""
    asked = queries()
    with private_home(), opened(root) as (workspace, _):
        for text in _WARM_UP:
            for kind in ("symbol", "exact", "regex", "words"):
                workspace.find(text, kind, _LIMIT)
        figures = _alone(workspace, "symbol", "symbol", asked.symbol)
        figures += _alone(workspace, "ranked", "words", asked.ranked)
        figures += _beside(workspace, ripgrep, root, ("exact text", "exact", asked.exact))
        return figures + _beside(workspace, ripgrep, root, ("regex", "regex", asked.regex))


def _alone(workspace: Workspace, name: str, kind: SearchKind, texts: Sequence[str]) -> list[Figure]:
    seconds = [timed(lambda text=text: workspace.find(text, kind, _LIMIT))[1] for _ in range(_ROUNDS) for text in texts]
    first = 1000 * percentile(seconds[: len(texts)], 0.95)
    note = f"{len(texts)} queries; p95 of their first round {first:.3g} ms"
    return half_and_tail(f"{name} search", seconds, _TARGETS[name], note)


def _beside(
    workspace: Workspace, ripgrep: Ripgrep | None, root: Path, what: tuple[str, SearchKind, Sequence[str]]
) -> list[Figure]:
    """Compare whole runs: a call of ours, a process of ripgrep's with all its output read."""
    name, kind, texts = what

    def find(text: str) -> tuple[float, int]:
        found, seconds = timed(lambda: workspace.find(text, kind, _LIMIT))
        return seconds, found.total

    def grep(text: str) -> tuple[float, int] | None:
        if ripgrep is None:
            return None
        ran = ripgrep.search(text, root, regex=kind == "regex")
        return ran.seconds, ran.output.count(b"\n")

    asked = [*texts] * _ROUNDS
    pairs = in_pairs(asked, find, grep)
    ours = [seconds for (seconds, _), _ in pairs]
    figures = half_and_tail(f"{name} search", ours, note=f"{len(texts)} queries")
    theirs = [beside[0] for _, beside in pairs if beside is not None]
    if not theirs:
        return figures
    figures += half_and_tail(f"ripgrep, the same {name}", theirs)
    target = _OVER_RIPGREP if kind == "regex" else None
    for share in (0.5, 0.95):
        over = percentile(ours, share) / percentile(theirs, share)
        figures.append(Figure(f"{name} search over ripgrep's, p{100 * share:.0f}", over, "times", target))
    other = {text for text, ((_, total), beside) in zip(asked, pairs, strict=True) if beside and beside[1] != total}
    agreed = 100 * (1 - len(other) / len(texts))
    note = f"others: {', '.join(f'`{text}`' for text in sorted(other))}".replace("|", "\\|") if other else ""
    return [*figures, Figure(f"{name} queries with as many lines as ripgrep", agreed, "%", note=note)]
