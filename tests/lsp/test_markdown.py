"""Nothing of others' text becomes a link, an image, HTML or a command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from lsp_server.lsp import hover_card, markdown
from lsp_server.workspace.card import Card
from lsp_server.workspace.last_change import Change
from lsp_server.workspace.places import Located, Place


def parser_of(*rules: str) -> MarkdownIt:
    """Return a parser that takes every link for one, wherever it leads."""
    parser = MarkdownIt("commonmark").enable(list(rules))
    parser.validateLink = bool  # pyright: ignore[reportAttributeAccessIssue]
    return parser


PARSERS = [parser_of(), parser_of("table", "strikethrough")]
BARE_LINK = re.compile(r"[a-z]+://|www\.|mailto:|[\w.]@\w", re.IGNORECASE)
"""What renderers make links of without being asked."""
TRICKS = [
    "[x](command:evil)",
    "![x](https://e.org/a.png)",
    "<img src=x onerror=y>",
    "<command:evil>",
    "https://e.org www.e.org a@e.org",
    "[x]: https://e.org\n\n[x]",
    "a\n===\n\n***\n\n# b\n\n- [ ] c\n\n> d",
    "```\ncode\n```",
    "    indented <b>",
    "| a | b |\n| - | - |\n| c | d |",
    "`a` ``b [x](y)`` `c",
    "\\`[x](y)`",
    "`\\`[x](command:y)`",
    "&lt;b&gt; &#91;x](y)",
    "\u202e evil \u2066 \x1b[0m \x00",
    "$(alert) $x$ ~~gone~~",
]
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="[]()<>!`*_#-=+|~\\&;:/.@$ \n\tax1", max_size=60),
    st.sampled_from(TRICKS),
    st.lists(st.sampled_from(TRICKS), max_size=4).map("\n".join),
    st.lists(st.sampled_from(TRICKS), max_size=4).map("".join),
)


def tokens(text: str, parser: MarkdownIt) -> Iterator[Token]:
    for token in parser.parse(text):
        yield token
        yield from token.children or ()


def targets(text: str, parser: MarkdownIt) -> list[str]:
    """Return where the links of a text lead; it may hold no image and no HTML."""
    found = list(tokens(text, parser))
    assert not {token.type for token in found} & {"image", "html_inline", "html_block"}
    return [str(token.attrs["href"]) for token in found if token.type == "link_open"]


def without_code(text: str, parser: MarkdownIt) -> str:
    """Return the source of a text without what stands between its back ticks."""
    for token in tokens(text, parser):
        if token.type == "code_inline":
            text = text.replace(f"`{token.content}`", "", 1)
    return text


@pytest.mark.parametrize("parser", PARSERS)
@given(text=TEXTS)
@example(text=TRICKS[0])
def test_prose_is_nothing_but_words(parser: MarkdownIt, text: str):
    """Prose holds no link, image or HTML, opens no block but paragraphs, and no bare link either."""
    shown = markdown.prose(text)
    assert targets(shown, parser) == []
    assert {token.type for token in tokens(shown, parser)} <= {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "text_special",
        "hardbreak",
    }
    assert not BARE_LINK.search(shown)


@given(text=TEXTS)
def test_words_reach_the_reader_as_they_are(text: str):
    """What is rendered is the text itself, but for white space and what nobody sees."""
    rendered = "".join(
        " " if token.type in {"hardbreak", "paragraph_close"} else token.content
        for token in tokens(markdown.prose(text), PARSERS[0])
        if token.type != "inline"
    )
    assert "".join(rendered.split()) == "".join(markdown.plain(text).split())


@pytest.mark.parametrize("parser", PARSERS)
@given(text=TEXTS)
def test_the_models_words_may_hold_code(parser: MarkdownIt, text: str):
    """Single back ticks mark code in the model's words, and nothing else does anything."""
    shown = markdown.prose(text, code=True)
    assert targets(shown, parser) == []
    assert {token.type for token in tokens(shown, parser)} <= {
        "paragraph_open",
        "paragraph_close",
        "inline",
        "text",
        "text_special",
        "hardbreak",
        "code_inline",
    }
    assert not BARE_LINK.search(without_code(shown, parser))


def test_code_in_the_models_words_is_shown_as_code():
    """The names in an explanation look like names."""
    assert markdown.prose("It calls `a.b` twice.", code=True) == "It calls `a.b` twice\\."


@given(text=TEXTS)
def test_a_code_block_holds_all_of_its_text(text: str):
    """A block of code is one block, whatever back ticks it holds, and what follows is outside it."""
    [fence, *rest] = PARSERS[0].parse(markdown.code_block(text, "python") + "\n\nafter")
    assert (fence.type, fence.content, fence.info) == ("fence", markdown.plain(text) + "\n", "python")
    assert [token.content for token in rest if token.type == "inline"] == ["after"]


def card(text: str, **changes: Any) -> Card:
    """Return a card all of whose words are `text`."""
    root = Path("/w")
    located = Located(root, f"x{text}".replace("\0", ""))
    place = Place(root, text, located.uri, 3, 4)
    values: dict[str, Any] = {
        "name": text,
        "kind": "class",
        "language": "python",
        "signature": text,
        "doc": text,
        "place": place,
        "located": located,
        "definition": None,
        "uses": 2,
        "bases": (text,),
        "members": (text,) * 12,
        "change": Change(text, text, text, "abc"),
        "by_name": True,
        "others": (place,),
        "token": (0, 1),
    }
    return Card(**values | changes)


@pytest.mark.parametrize("parser", PARSERS)
@given(text=TEXTS)
@example(text="](command:evil)")
@example(text="a(b)/c d.py")
def test_a_card_links_to_nothing_but_what_is_ours(parser: MarkdownIt, text: str):
    """Whatever names, docs, commits, paths and words say, a card holds our two links and no others."""
    explain = markdown.command_link("Explain", "inglenook.explain", [{"textDocument": {"uri": text}}])
    made = card(text)
    with_link = targets(hover_card.as_markdown(made, None, [explain]), parser)
    assert len(with_link) == 2
    assert with_link[0].startswith("file:///w/")
    assert with_link[1].startswith("command:inglenook.explain?")
    assert json.loads(unquote(with_link[1].partition("?")[2])) == [{"textDocument": {"uri": text}}]
    assert targets(hover_card.as_markdown(made, text, ()), parser) == with_link[:1]


@given(text=TEXTS)
def test_a_plain_card_shows_no_control_characters(text: str):
    """Plain text holds what the code says, without what moves a cursor or turns text round."""
    shown = hover_card.as_plain(card(text), text)
    assert not [char for char in shown if ord(char) < 32 and char != "\n"]
    assert "\u202e" not in shown


def test_the_words_of_a_card():
    """A card says what it is, where, how often it is used, its bases and members, and who changed it last."""
    made = card(
        "x",
        signature="Registry(Closable)",
        doc="Where services\n    are registered.",
        place=Place(Path("/w"), "src/core.py", "file:///w/src/core.py", 31, 60),
        bases=("Closable",),
        members=("check", "close"),
        change=Change("Ada", "2026-01-02", "Add a registry", "abc"),
        by_name=False,
        others=(),
        keyword="class",
    )
    assert hover_card.as_markdown(made, "It keeps `services`.", ()).split("\n\n") == [
        "```python\nclass Registry(Closable)\n```",
        "Where services  \n\u00a0\u00a0\u00a0\u00a0are registered\\.",
        "Class defined in [src/core\\.py\\:31](file:///w/src/core.py#L31) · used 2 times",
        "Bases: `Closable`",
        "Members: `check`, `close`",
        "Last change: 2026\\-01\\-02 by Ada\\: Add a registry",
        "---",
        "It keeps `services`\\.",
    ]
    assert hover_card.as_plain(made, None).split("\n\n")[2] == "Class defined in src/core.py:31 · used 2 times"


def test_a_card_claims_nothing_about_uses_that_were_not_counted():
    """What is never called may yet be mentioned; a kind is called as its language does."""
    made = card("x", signature="S", keyword="type", spoken="struct", uses=0, by_name=True, change=None, bases=())
    lines = hover_card.as_plain(made, None).split("\n\n")
    assert lines[0] == "type S"
    assert lines[2] == "Struct defined in x:3 · found by name alone"
