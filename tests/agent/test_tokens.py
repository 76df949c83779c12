from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from lsp_server import modelstore
from lsp_server.agent import prompts
from lsp_server.agent.tokens import fitting, most_tokens, shortened
from lsp_server.dialects import DIALECTS

PACKAGE = Path(prompts.__file__).parents[1]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """The real tokenizer of the default model."""
    return Tokenizer.from_file(str(modelstore.models_root() / "qwen2.5-coder-0.5b" / "tokenizer.json"))


def count(tokenizer: Tokenizer, text: str) -> int:
    """Return how many tokens `text` really has."""
    return len(tokenizer.encode(text, add_special_tokens=False).ids)


@pytest.mark.real_model
def test_estimate_is_an_upper_bound(tokenizer: Tokenizer):
    """The estimate is never below the real count for code, prose, hashes, and scripts other than Latin."""
    texts = [path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))]
    texts += [
        "0123456789abcdef" * 20,
        "Zm9vYmFyMTIzNDU2Nzg5MA==" * 9,
        "Привет, мир! 你好,世界。 🦊" * 9,
        "\t\n  \n" * 30,
    ]
    for text in texts:
        for at in range(0, len(text), 1500):
            piece = text[at : at + 1500]
            assert count(tokenizer, piece) <= most_tokens(piece), piece[:80]


@pytest.mark.real_model
def test_prompt_has_under_250_tokens(tokenizer: Tokenizer):
    """System prompt and signatures together have fewer than 250 tokens in each dialect."""
    for dialect in (None, *DIALECTS.values()):
        assert count(tokenizer, prompts.system_prompt(dialect)) < 250


@pytest.mark.real_model
def test_golden_results_have_at_most_600_tokens(tokenizer: Tokenizer):
    """The tools' golden results stay under 600 real tokens each."""
    for golden in (Path(__file__).parent / "golden").glob("*.txt"):
        for block in golden.read_text("utf-8").split("\n\n> "):
            assert count(tokenizer, block) <= 600


def test_fitting():
    """Pieces are kept whole while they fit."""
    assert fitting(["one two", "three", "four"], most_tokens("one two") + 1) == 1
    assert fitting([], 0) == 0
    assert fitting(["word"], 0) == 0


def test_changing_blanks_are_counted():
    """A run of blanks of one kind is a token or two; where kinds change, each change may be one."""
    assert most_tokens("a    b") < most_tokens("a \t \tb")


@pytest.mark.parametrize("text", ["plain words", "漢" * 500, "x" * 500, "🤖 a" * 100, ""])
def test_shortened(text: str):
    """What is shortened fits, is the text's beginning, and says that it was cut."""
    short = shortened(text, 30)
    assert short == text if most_tokens(text) <= 30 else short.endswith("…")
    assert text.startswith(short.removesuffix("…"))
    assert most_tokens(short.removesuffix("…")) <= 30
