from __future__ import annotations

import json
from pathlib import Path

import pytest

from models.bench.code import report
from models.bench.code.report import Section, write
from models.bench.code.rivals import Ctags
from models.bench.code.server import Served
from models.bench.figures import Figure

SECTIONS = (
    Section("Index", (Figure("cold index", 2.5, "s", 3),)),
    Section("Search", (Figure("symbol search, p95", 30, "ms", 20),)),
)


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(report, "_RESULTS", tmp_path / "results")
    return tmp_path / "results"


def test_a_run_is_kept(results: Path):
    """The report names the machine, its load and the programs beside, and says which targets are missed."""
    text = write(SECTIONS, None, Ctags(Path("ctags"), "5.9.0"), [0.25, 1.5], keep=True)
    assert (results / "code.md").read_text("utf-8") == text
    assert "ripgrep not installed · universal-ctags 5.9.0 · load 0.2 1.5" in text
    assert "\n## Index\n\n| figure |" in text
    assert "| symbol search, p95 | 30 ms | ≤ 20 | **no** |" in text
    data = json.loads((results / "code.json").read_text("utf-8"))
    assert data["figures"]["Index"][0]["met"] is True
    assert data["figures"]["Search"][0]["met"] is False
    assert data["machine"]["universal-ctags"] == "5.9.0"


def test_a_part_alone_is_not(results: Path):
    """Some parts alone are shown and change nothing that is kept."""
    assert "cold index" in write(SECTIONS[:1], None, None, [0.0], keep=False)
    assert not results.exists()


def test_status_is_followed():
    """The server's words say when the index is ready and when the model is at work."""
    served = Served()
    served.hear("inglenook/status", {"engine": {"state": "busy"}, "index": {"state": "indexing"}})
    assert (served.generating.is_set(), served.indexed.is_set()) == (True, False)
    served.hear("inglenook/status", {"engine": {"state": "ready"}, "index": {"state": "ready"}})
    assert (served.generating.is_set(), served.indexed.is_set()) == (False, True)
    served.hear("window/logMessage", {"message": "something else"})
    assert served.indexed.is_set()
