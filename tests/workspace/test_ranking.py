from __future__ import annotations

import pytest

from lsp_server.workspace.ranking import is_prose, is_record, rank


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


def test_records_of_a_project_are_known_by_their_names():
    """Changelogs, licences and lists of files; neither code nor other prose."""
    assert all(
        map(is_record, ("CHANGELOG.md", "docs/changes.rst", "LICENSE", "LICENCE-MIT", "shop.egg-info/SOURCES.txt"))
    )
    assert not any(
        map(
            is_record,
            ("README.md", "docs/guide.md", "src/exchanges.py", "src/history.py", "lib/notice.ts", "src/core.py"),
        )
    )


def test_lists_that_tools_read_are_no_documents():
    """A document is for people; what builds the project is part of it."""
    assert all(map(is_prose, ("README.md", "docs/guide.rst", "notes.TXT")))
    assert not any(map(is_prose, ("CMakeLists.txt", "requirements-dev.txt", "src/constraints.txt", "src/text.py")))
