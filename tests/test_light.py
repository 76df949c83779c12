"""The language server's process stays light."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from support.scripted_server import make_scripted
from support.wire_client import spawn

HEAVY = {"mlx", "mlx_lm", "transformers", "numpy", "tokenizers", "llguidance", "torch", "models"}
LATE = {"pydantic_ai", "openai", "httpx", "tree_sitter"}
"""Only after `initialized`: these take a second to import."""

PROBE = Path(__file__).parent / "support" / "serve_noting_imports.py"


async def test_the_server_imports_nothing_heavy(tmp_path: Path):
    """Through handshake and a whole answer no model library is imported, and no framework before `initialized`."""
    scripted = make_scripted(tmp_path)
    notes = tmp_path / "notes"
    notes.mkdir()
    command = [sys.executable, str(PROBE), str(notes), *scripted.command[1:]]
    async with spawn(command, env=scripted.environment) as spawned:
        await scripted.initialize(spawned.client)
        result = await spawned.client.request("inglenook/ask", {"question": "List the protocols."})
        assert result["outcome"] == "answered"
    first, last = (set(json.loads((notes / f"{number}.json").read_text())) for number in (1, 2))
    assert "pygls" in first
    assert first & (HEAVY | LATE) == set()
    assert last & HEAVY == set()
    assert "pydantic_ai" in last
