"""A card as an editor shows it, in Markdown or in plain text: the facts, then the model's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from lsp_server.lsp import markdown

if TYPE_CHECKING:
    from lsp_server.workspace.card import Card
    from lsp_server.workspace.last_change import Change

MOST_DOC = 1_500
"""Characters of a doc comment; a hover is no book."""
MOST_NAMES = 8
"""Bases, members or other places that are named one by one."""

_RULE = "---"


def as_markdown(card: Card, words: str | None, links: Sequence[str]) -> str:
    """Return the card in Markdown.

    Args:
        card: the facts.
        words: the model's, where there are any.
        links: of ours, to the model, where the client follows such.
    """
    blocks = [markdown.code_block(_signature(card), card.language)]
    if doc := markdown.prose(_cut(card.doc)):
        blocks.append(doc)
    place = markdown.link(f"{card.place.path}:{card.place.start}", f"{card.place.uri}#L{card.place.start}")
    blocks.append(f"{_what(card)}{'' if card.kind == 'name' else place}{_further(card)}")
    blocks += [f"{title}: {', '.join(map(markdown.code_span, names))}" for title, names in _lists(card)]
    if card.change is not None:
        blocks.append(f"Last change: {markdown.inline(_change(card.change))}")
    below = [said for said in (markdown.prose(words or "", code=True), " · ".join(links)) if said]
    return "\n\n".join([*blocks, *([_RULE, *below] if below else [])])


def as_plain(card: Card, words: str | None) -> str:
    """Return the card without marks, for a client that shows them as they are."""
    place = "" if card.kind == "name" else f"{card.place.path}:{card.place.start}"
    blocks = [_signature(card), _cut(card.doc), f"{_what(card)}{place}{_further(card)}"]
    blocks += [f"{title}: {', '.join(names)}" for title, names in _lists(card)]
    if card.change is not None:
        blocks.append(f"Last change: {_change(card.change)}")
    if words:
        blocks += [_RULE, words]
    return "\n\n".join(text for block in blocks if (text := markdown.plain(block).strip()))


def _signature(card: Card) -> str:
    return f"{card.keyword} {card.signature or card.name}".lstrip()


def _what(card: Card) -> str:
    if card.kind == "name":
        return f"{card.named:,} definitions bear this name"
    return f"{(card.spoken or card.kind).capitalize()} {'in' if card.kind == 'module' else 'defined in'} "


def _further(card: Card) -> str:
    """Return how often it is used, and whether it was guessed. Where no use is counted, there may yet be mentions."""
    used = "" if not card.uses else "used once" if card.uses == 1 else f"used {card.uses:,} times"
    alone = "found by name alone" if card.by_name and card.kind != "name" else ""
    return "".join(f" · {said}" for said in (used, alone) if said)


def _lists(card: Card) -> Iterator[tuple[str, list[str]]]:
    others = tuple(f"{place.path}:{place.start}" for place in card.others)
    for title, names in (("Bases", card.bases), ("Members", card.members), ("Also defined in", others)):
        if names:
            more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
            yield title, [*names[:MOST_NAMES], *more]


def _change(change: Change) -> str:
    return f"{change.date} by {change.author}: {change.subject}" if change.commit else "not committed yet"


def _cut(doc: str) -> str:
    return doc if len(doc) <= MOST_DOC else doc[:MOST_DOC].rsplit(" ", 1)[0] + " …"
