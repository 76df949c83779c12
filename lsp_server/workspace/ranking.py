"""In which order files are looked through and rows are shown: code, then tests, then vendored, then other people's."""

from __future__ import annotations

import re

from lsp_server.workspace.places import Located

_VENDORED = re.compile(
    r"(^|/)(vendor|vendored|_vendor|third_party|third-party|thirdparty|external|deps|dist|out|target|build)(/|$)"
    r"|\.min\.(js|css)$|(^|/)(package-lock\.json|.*\.lock|.*\.map|.*\.lockb)$"
)
_TEST = re.compile(
    r"(^|/)(tests?|testing|__tests__|spec|specs|testdata|fixtures)(/|$)"
    r"|(^|/)(test_[^/]*|conftest\.py|[^/]*(_test|_tests|\.test|\.spec|Test|Tests)\.[^/.]+)$"
)


def rank(relative: str) -> int:
    """Return 0 for code, 1 for tests, 2 for vendored or generated files, by the path alone."""
    if _VENDORED.search(relative):
        return 2
    return 1 if _TEST.search(relative) else 0


def order(located: Located) -> tuple[int, str, str]:
    """Return the key that sorts files for showing; a folder's files stand together."""
    return (rank(located.relative), str(located.root), located.relative.replace("/", "\0"))
