from __future__ import annotations

import pytest

from lsp_server.agent import prompts
from lsp_server.agent.tokens import most_tokens
from lsp_server.dialects import DIALECTS, Dialect


@pytest.mark.parametrize("dialect", [None, *DIALECTS.values()], ids=lambda dialect: dialect.name if dialect else "none")
def test_system_prompt_is_short(dialect: Dialect | None):
    """Prompt and signatures stay small; the estimate errs high, the real count is tested beside the tokenizer."""
    assert most_tokens(prompts.system_prompt(dialect)) < 400


def test_signatures_stand_in_the_prompt():
    """Every tool's signature stands in the prompt, and no JSON schema does."""
    prompt = prompts.system_prompt(DIALECTS["json-fence"])
    assert all(tool.signature in prompt for tool in prompts.TOOLS)
    assert "properties" not in prompt
    assert DIALECTS["json-fence"].call_start in prompt


def test_arguments_are_bounded():
    """Every text argument has a greatest length and every number a least, so that a call has an end."""
    for tool in prompts.TOOLS:
        for name, schema in tool.parameters["properties"].items():
            match schema.get("type"):
                case "string":
                    assert schema["maxLength"] <= 200, (tool.name, name)
                case "integer":
                    assert schema["minimum"] == 1, (tool.name, name)
                case "boolean":
                    pass
                case _:
                    assert schema["enum"], (tool.name, name)


def test_schema_and_signature_agree():
    """The order of the schema's properties, in which they are generated, is the signature's."""
    for tool in prompts.TOOLS:
        inside = tool.signature.partition("(")[2].rstrip(")")
        named = [word.strip().partition("?")[0].partition("=")[0] for word in inside.split(",")]
        assert named == list(tool.parameters["properties"])


def test_lookup_line():
    """What exists is named in one line, names with their files, without line numbers."""
    assert prompts.lookup_line([]) == ""
    line = prompts.lookup_line([("Registry", ("src/core.py", "src/b.py")), ("docs/a.md", ("docs/a.md",))])
    assert line == "In this workspace: `Registry` in src/core.py, src/b.py; `docs/a.md`"


def test_version_is_stable():
    """The version is a short hash, equal in every process."""
    assert len(prompts.PROMPT_VERSION) == 16
    assert int(prompts.PROMPT_VERSION, 16) >= 0
