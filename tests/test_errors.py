"""Every failure that a person can see."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import InglenookError


def family(root: type[InglenookError] = InglenookError) -> Iterator[type[InglenookError]]:
    yield root
    for child in root.__subclasses__():
        yield from family(child)


FAMILY = tuple(family())


def test_codes_and_kinds_are_each_used_once() -> None:
    """A client can tell any two failures apart, by number or by name."""
    assert len({one.code for one in FAMILY}) == len(FAMILY)
    assert len({one.kind for one in FAMILY}) == len(FAMILY)


def test_codes_lie_outside_the_protocol_s_own() -> None:
    """Neither JSON-RPC nor LSP reserves any of them."""
    assert all(1000 <= one.code < 2000 for one in FAMILY)


@pytest.mark.parametrize("kind", FAMILY, ids=lambda one: one.kind)
def test_a_failure_says_what_to_do(kind: type[InglenookError]) -> None:
    """Every class has a hint of its own that is a sentence, used where the raiser names none."""
    assert kind.default_hint.endswith(".")
    assert kind("It failed.").hint == kind.default_hint
    assert kind("It failed.", "Wait.").hint == "Wait."
    assert str(kind("It failed.")) == "It failed."


@given(st.sampled_from(FAMILY), st.text(), st.none() | st.text())
def test_a_failure_survives_the_wire(kind: type[InglenookError], sentence: str, hint: str | None) -> None:
    """Class, sentence and hint come back, through JSON as well."""
    raised = kind(sentence, hint)
    back = InglenookError.from_wire(json.loads(json.dumps(raised.to_wire())))
    assert (type(back), back.sentence, back.hint) == (kind, sentence, raised.hint)


def test_an_unknown_failure_becomes_the_base_class() -> None:
    """Data of a later version, or none at all, is still a failure with words."""
    later = InglenookError.from_wire({"kind": "fromTheFuture", "sentence": "New.", "hint": "Update."})
    assert (type(later), later.sentence, later.hint) == (InglenookError, "New.", "Update.")
    empty = InglenookError.from_wire({})
    assert empty.sentence
    assert empty.hint == InglenookError.default_hint
