"""In which order files are looked through and rows are shown: code, then tests, then vendored, then other people's."""

from __future__ import annotations

from lsp_server.workspace.places import Located

_VENDORED = frozenset({
    "vendor", "vendored", "_vendor", "third_party", "third-party", "thirdparty", "external", "deps", "dist", "out",
    "target", "build",
})  # fmt: skip
_LOCKED = "package-lock.json"
_GENERATED = (".min.js", ".min.css", ".lock", ".map", ".lockb")
_TESTS = frozenset({"test", "tests", "testing", "__tests__", "spec", "specs", "testdata", "fixtures"})
_RECORDS = (
    "changelog", "changes", "history", "news", "releases", "release_notes", "release-notes", "licen", "copying",
    "notice", "authors", "contributors", "pkg-info",
)  # fmt: skip
_PROSE = (".md", ".rst", ".txt", ".adoc")
_LISTS = ("cmakelists", "requirements", "constraints")
"""Text files that tools read."""
_TEST_STEMS = ("_test", "_tests", ".test", ".spec", "Test", "Tests")


def rank(relative: str) -> int:
    """Return 0 for code, 1 for tests, 2 for vendored or generated files, by the path alone."""
    parts = relative.split("/")
    name = parts[-1]
    if not _VENDORED.isdisjoint(parts) or name == _LOCKED or name.endswith(_GENERATED):
        return 2
    stem, _, ending = name.rpartition(".")
    named = name.startswith("test_") or name == "conftest.py" or (ending and stem.endswith(_TEST_STEMS))
    return 1 if named or not _TESTS.isdisjoint(parts) else 0


def is_record(relative: str) -> bool:
    """Say whether a file tells of the project rather than of what it does: changes, licences, people, lists of files.

    It holds many words about everything, and answers few questions.
    """
    *folders, name = relative.lower().split("/")
    told = name.startswith(_RECORDS) and ("." not in name or name.endswith(_PROSE))
    return told or any(it.endswith((".egg-info", ".dist-info")) for it in folders)


def is_aside(relative: str) -> bool:
    """Say whether a file is a test, vendored, generated or a record: beside what the project does and says of it."""
    return rank(relative) > 0 or is_record(relative)


def is_own_code(relative: str) -> bool:
    """Say whether a file is what the project does: not aside, and no prose."""
    return not is_aside(relative) and not is_prose(relative)


def is_prose(relative: str) -> bool:
    """Say whether a file is a document for people."""
    name = relative.lower().rpartition("/")[2]
    return name.endswith(_PROSE) and not name.startswith(_LISTS)


def order(located: Located) -> tuple[int, str, str]:
    """Return the key that sorts files for showing; a folder's files stand together."""
    return (rank(located.relative), str(located.root), located.relative.replace("/", "\0"))


def by_use(located: Located) -> tuple[int, int, str, str]:
    """Return the key that sorts files for a reader of code: what the project does, what it says of it, the rest.

    Records stand behind tests: they have a word on everything that ever was.
    """
    relative = located.relative
    if is_record(relative):
        return (2, *order(located))
    return (0 if is_own_code(relative) else 1, *order(located))
