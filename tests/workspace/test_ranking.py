from __future__ import annotations

import pytest

from lsp_server.workspace.ranking import rank


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/core.py", 0),
        ("latest/contest.py", 0),
        ("README.md", 0),
        ("tests/helper.py", 1),
        ("src/test_core.py", 1),
        ("conftest.py", 1),
        ("pkg/core_test.go", 1),
        ("web/app.spec.ts", 1),
        ("java/CoreTests.java", 1),
        ("web/app.min.js", 2),
        ("Cargo.lock", 2),
        ("package-lock.json", 2),
        ("vendor/tests/x.py", 2),
    ],
)
def test_code_ranks_before_tests_before_vendored_files(path: str, expected: int):
    """Folders and names decide."""
    assert rank(path) == expected
