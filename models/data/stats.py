"""What is in the data: lists by kind and codebase, tokens, and the ways of asking that are used most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

from lsp_server.resident.chat import Chat
from models.data.assemble import way_of_asking
from models.data.example import DirectKind, ToolKind
from models.data.rows import Encoded, Row, encode

_TOP = 8


def lines(split: str, rows: Sequence[Row], chat: Chat) -> Iterator[str]:
    """Yield the lines that describe a set."""
    counts = Counter(row.kind for row in rows)
    tool = sum(counts[kind] for kind in get_args(ToolKind))
    direct = sum(counts[kind] for kind in get_args(DirectKind))
    yield f"{split}: {len(rows)} rows, {len({row.codebase for row in rows})} codebases"
    yield f"  with tools {tool} ({_percent(tool, tool + direct)} of questions), direct {direct}"
    yield f"  explanations {counts['explanation']}, follow-ups {sum(len(row.questions) > 1 for row in rows)}"
    yield from _list("with tools", {kind: counts[kind] for kind in get_args(ToolKind)})
    yield from _list("direct", {kind: counts[kind] for kind in get_args(DirectKind)})
    yield from _list("by codebase", Counter(row.codebase for row in rows))
    yield from _list("calls", Counter(call.name for row in rows for call in row.calls))
    yield from _tokens([encode(row, chat) for row in rows])
    yield "  most used ways of asking"
    used = Counter(wording for row in rows if (wording := way_of_asking(row)))
    yield from (f"    {count:4} {_percent(count, len(rows))} {name[:80]}" for name, count in used.most_common(_TOP))


def _tokens(encoded: Sequence[Encoded]) -> Iterator[str]:
    if not encoded:
        return
    prefixes = Counter(each.prefix_ids for each in encoded)
    own = [len(each.ids) for each in encoded]
    trained = sum(sum(each.trained) for each in encoded)
    yield "  tokens"
    for prefix, count in prefixes.most_common():
        yield f"    system prompt {len(prefix)}, shared by {count} rows"
    yield f"    rows without it {sum(own):,}, mean {sum(own) / len(own):.0f}, most {max(own)}"
    yield f"    with it at most {max(each.total for each in encoded)}"
    yield f"    trained {trained:,}, mean {trained / len(own):.0f}"


def _list(title: str, counts: dict[str, int]) -> Iterator[str]:
    yield f"  {title}"
    named = [f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    for start in range(0, len(named), 6):
        yield f"    {', '.join(named[start : start + 6])}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "0 %"
