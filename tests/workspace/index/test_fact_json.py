from __future__ import annotations

from pathlib import Path

import pytest

from lsp_server.workspace.facts import Definition, Facts, Import, Site
from lsp_server.workspace.index import fact_json
from lsp_server.workspace.parse_cache import ParseCache


def test_facts_survive():
    """Every field of every value comes back, tuples as tuples."""
    facts = Facts(
        (
            Definition(
                "class", "A", "A(B)", 1, 3, ("B", "c.D"), ("deco",), minor=True, start=2, end=40, doc_end=9, owner=-1
            ),
        ),
        (Site("call", "é.b", 2, 0, 5, 6),),
        (Import("x", "a.b", "c", 1, 7, 8),),
    )
    assert fact_json.decode(fact_json.encode(facts)) == facts


def test_real_facts_survive():
    """What extraction makes of this very file comes back."""
    with Path(__file__).open("rb") as file:
        facts = ParseCache().facts("a.py", file.read())
    assert facts.definitions
    assert facts.sites
    assert fact_json.decode(fact_json.encode(facts)) == facts


def test_definitions_of_a_name_are_those_alone():
    """With a bare name only the definitions that bear it are made, whatever they lie in."""
    made = [Definition("method", name, f"{name}()", 1, 1) for name in ("A.run", "run", "runner", "B.run.inner")]
    blob = fact_json.encode(Facts(tuple(made)))
    assert [item.name for item in fact_json.decode_definitions(blob, "run")] == ["A.run", "run"]
    assert fact_json.decode_definitions(blob) == tuple(made)


@pytest.mark.parametrize("blob", [b"", b"[]", b"[1,2,3]", b"[]\n[]\n[]", b"[[1]]\n[]\n[]", b"{}", b"[[],[]"])
def test_other_json_is_refused(blob: bytes):
    """What is no facts of ours is one error."""
    with pytest.raises(ValueError):  # noqa: PT011 - json's own message is as good
        fact_json.decode(blob)
