"""`inglenook search QUERY`: hits by file for a person, or the search's result as JSON for a program."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from rich.text import Text

from lsp_server.cli_client import Client, print_json, run_client
from lsp_server.terminal import STEPS_TOKEN, Plain, Terminal, visible
from lsp_server.wire import SEARCH

Hit = Mapping[str, Any]


def run_search(arguments: argparse.Namespace) -> int:
    """Search as the command line says, and return the exit code: 0 also where nothing matches.

    Args:
        arguments: `query`, `kind` and `limit`, and what every client takes (see `run_client`).
    """
    return run_client(arguments, _search)


async def _search(arguments: argparse.Namespace, client: Client) -> int:
    asked = {"query": arguments.query, "kind": arguments.kind, "wait": True, "workDoneToken": STEPS_TOKEN}
    if arguments.limit is not None:
        asked["limit"] = arguments.limit
    with Terminal(quiet=arguments.json) as terminal:
        async with client.connected(terminal.notified, model=False) as side:
            result = await side.request(SEARCH, asked)
        if arguments.json:
            print_json(result)
        else:
            terminal.calm()
            _show(result)
            terminal.finish("")
    return 0


def _show(result: Mapping[str, Any]) -> None:
    """Write the hits to stdout, the best file first, and what else there is to say to stderr."""
    console = Plain()
    for line in lines(result["hits"]):
        console.print(line)
    for note in filter(None, (result.get("note"), result["freshness"].get("note"))):
        Plain(stderr=True).print(Text(visible(note), style="dim"))


def lines(hits: Sequence[Hit]) -> Iterator[Text]:
    """Yield the lines to show: each file once, where its best hit stands, and below it its hits by line."""
    ranks: dict[str, int] = {}
    for hit in hits:
        ranks.setdefault(hit["uri"], len(ranks))
    ordered = sorted(hits, key=lambda hit: (ranks[hit["uri"]], hit["range"]["start"]["line"]))
    for number, (_uri, group) in enumerate(groupby(ordered, key=lambda hit: hit["uri"])):
        found = list(group)
        if number:
            yield Text()
        yield Text(visible(found[0]["path"]), style="magenta")
        for _line, same in groupby(found, key=lambda hit: hit["range"]["start"]["line"]):
            yield _line_of(list(same))


def _line_of(hits: Sequence[Hit]) -> Text:
    """Return one line of code with all its matches marked."""
    hit = hits[0]
    line = Text(f"{hit['range']['start']['line'] + 1}", style="green")
    line.append(":", style="default").append(_marked(hit["text"], [mark for each in hits for mark in each["marks"]]))
    if any(each["byName"] for each in hits):
        line.append("  (by name)", style="dim")
    return line


def _marked(text: str, marks: Sequence[Sequence[int]]) -> Text:
    units = text.encode("utf-16-le", "surrogatepass")
    shown, at = Text(), 0
    for start, end in sorted((start, end) for start, end in marks):
        if at <= start < end:
            shown.append(_part(units, at, start), style="default").append(_part(units, start, end), style="bold red")
            at = end
    return shown.append(_part(units, at, len(units) // 2), style="default")


def _part(units: bytes, start: int, end: int) -> str:
    return visible(units[2 * start : 2 * end].decode("utf-16-le", "replace"))
