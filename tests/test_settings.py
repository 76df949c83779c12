"""Settings as clients send them."""

import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.settings import DECLARATIONS, Declaration, Settings

NUMBERS = [one for one in DECLARATIONS if one.minimum is not None or one.maximum is not None]


def ids(declared: Declaration) -> str:
    return declared.key


def nested(key: str, value: Any) -> dict[str, Any]:
    first, _, rest = key.partition(".")
    return {first: nested(rest, value) if rest else value}


def value_of(settings: Settings, declared: Declaration) -> Any:
    return getattr(settings, declared.field)


@pytest.mark.parametrize("declared", DECLARATIONS, ids=ids)
@pytest.mark.parametrize("form", ["nested", "dotted"])
def test_every_default_is_valid_by_its_own_declaration(declared: Declaration, form: str) -> None:
    """A client that sends back the defaults, nested or with dotted keys, changes nothing and hears nothing."""
    value = json.loads(json.dumps(declared.default))
    sent = nested(declared.key, value) if form == "nested" else {declared.key: value}
    assert Settings.from_client(sent) == (Settings(), ())


def test_declarations_are_complete_and_distinct() -> None:
    """Every field is declared once, with a key of two words and a description that is a sentence."""
    assert [one.field for one in DECLARATIONS] == [field.name for field in attrs.fields(Settings)]
    assert len({one.key for one in DECLARATIONS}) == len(DECLARATIONS)
    assert all(one.key.count(".") == 1 and one.description.endswith(".") for one in DECLARATIONS)


def test_nested_and_dotted_keys_may_be_mixed() -> None:
    """Blocks, dotted keys and blocks below dotted keys all reach their settings; unknown keys are passed over."""
    sent = {
        "model": {"recipe": "other", "maxTokens": 7, "unknown": 1},
        "model.topP": 0.5,
        "ask.maxToolCalls": 2,
        "files": {"allowIgnored": ["*.log"]},
        "elsewhere": {"a": {"b": 1}},
    }
    settings, problems = Settings.from_client(sent)
    assert problems == ()
    assert settings == Settings(recipe="other", max_tokens=7, top_p=0.5, max_tool_calls=2, allow_ignored=("*.log",))


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("model.recipe", 3, "expected a string"),
        ("model.recipe", None, "expected a string"),
        ("model.maxTokens", "12", "expected a number"),
        ("model.maxTokens", True, "expected a number"),
        ("model.maxTokens", None, "expected a number"),
        ("model.maxTokens", 1.5, "expected a whole number"),
        ("model.seed", "x", "expected a number"),
        ("model.seed", -1, "expected at least 0"),
        ("model.seed", 0.5, "expected a whole number"),
        ("model.temperature", [], "expected a number"),
        ("model.topP", 0, "expected at least 0.01"),
        ("model.topP", 1.5, "expected at most 1"),
        ("model.temperature", float("nan"), "expected a finite number"),
        ("model.idleMinutes", float("inf"), "expected a finite number"),
        ("model.cacheMegabytes", float("inf"), "expected a finite number"),
        ("model.stopSequences", "END", "expected a list of strings"),
        ("model.stopSequences", ["END", 1], "expected a list of strings"),
        ("model.stopSequences", [""], "expected a list of strings"),
        ("files.allowIgnored", None, "expected a list of strings"),
        ("trace.diagnostics", "some", "expected one of off, citations, all"),
        ("trace.diagnostics", 1, "expected one of off, citations, all"),
        ("trace.diagnostics", ["off"], "expected one of off, citations, all"),
    ],
)
def test_a_wrong_value_is_refused_in_a_sentence_and_its_default_kept(key: str, value: Any, expected: str) -> None:
    """The sentence names the setting, what was expected and what is used; the other settings are taken."""
    settings, problems = Settings.from_client({key: value, "ask.tokenBudget": 100})
    declared = next(one for one in DECLARATIONS if one.key == key)
    assert problems == (f"inglenook.{key}: {expected}; using {declared.default!r}.",)
    assert settings == Settings(token_budget=100)


@pytest.mark.parametrize("choice", ["off", "citations", "all"])
def test_each_choice_is_taken(choice: str) -> None:
    """What a declaration lists may be chosen."""
    settings, problems = Settings.from_client({"trace.diagnostics": choice})
    assert (settings.trace_diagnostics, problems) == (choice, ())


@given(st.sampled_from(NUMBERS), st.integers(-(10**7), 10**9) | st.floats(-10.0, 1e7))
def test_a_number_is_taken_if_and_only_if_it_is_in_range(declared: Declaration, value: float) -> None:
    """Within the range, ends included, the value is in force; outside it the default is, with one sentence."""
    settings, problems = Settings.from_client({declared.key: value})
    low = declared.minimum if declared.minimum is not None else value
    high = declared.maximum if declared.maximum is not None else value
    fits = low <= value <= high and (isinstance(declared.default, float) or value == int(value))
    assert value_of(settings, declared) == (value if fits else declared.default)
    assert len(problems) == (0 if fits else 1)


@pytest.mark.parametrize("declared", NUMBERS, ids=ids)
def test_both_ends_of_a_range_are_in_it(declared: Declaration) -> None:
    """The least and the greatest value that are named are valid, in the type of the default."""
    for value in (declared.minimum, declared.maximum):
        if value is not None:
            settings, problems = Settings.from_client({declared.key: value})
            taken = value_of(settings, declared)
            assert (taken, problems) == (value, ())
            assert isinstance(taken, float if isinstance(declared.default, float) else int)


def test_a_whole_number_may_come_as_a_float() -> None:
    """JSON from some clients writes 7 as 7.0; a whole setting holds an int all the same."""
    settings, problems = Settings.from_client({"model.maxTokens": 7.0, "model.temperature": 1})
    assert problems == ()
    assert (type(settings.max_tokens), type(settings.temperature)) == (int, float)


def test_null_is_a_seed() -> None:
    """A seed may be taken back with null."""
    assert Settings.from_client({"model.seed": 3})[0].seed == 3
    assert Settings.from_client({"model.seed": None}) == (Settings(), ())
