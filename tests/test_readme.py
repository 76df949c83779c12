"""The README's copies of what the code declares once."""

import json
from pathlib import Path

import pytest

from lsp_server.settings import DECLARATIONS

README = Path(__file__).parents[1] / "README.md"
MARK = "<!-- settings -->\n"


def settings_table() -> str:
    """Return the table of all settings, in Markdown."""
    rows = [
        f"| `{declared.key}` | `{json.dumps(declared.default)}` | {declared.description} |" for declared in DECLARATIONS
    ]
    return "\n".join(["| setting | default | |", "| --- | --- | --- |", *rows]) + "\n"


def test_the_settings_table_is_that_of_the_code():
    """A stale table is rewritten, and the test fails once so that the change is committed."""
    text = README.read_text("utf-8")
    before, after = text.split(MARK)
    _, separator, rest = after.partition("\n## ")
    fresh = f"{before}{MARK}\n{settings_table()}{separator}{rest}"
    if fresh != text:
        README.write_text(fresh, "utf-8")
        pytest.fail("README.md had a stale table of settings; it is rewritten now.")
