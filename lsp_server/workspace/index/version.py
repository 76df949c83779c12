"""One short text that changes whenever an index would be made differently: what an older one holds is not read."""

from __future__ import annotations

import hashlib
import pkgutil
from functools import cache
from importlib.metadata import version

from lsp_server.workspace.languages import GRAMMARS

_FORMAT = 1
"""Of the store's tables and of the texts."""
_SOURCES = (
    "extraction.py", "definitions.py", "sites.py", "imports.py", "doc_places.py", "headings.py", "source_text.py",
    "facts.py", "languages.py", "macros.py", "names.py", "rows.py", "signatures.py", "scope.py", "files.py",
    "secret_names.py",
    "index/fact_json.py", "index/passages.py", "index/parsed.py", "index/ranked.py", "index/store.py",
    "index/words.py", "index/base.py",
)  # fmt: skip
"""What decides the contents of an index, relative to the room."""


@cache
def index_version() -> str:
    """Return the version of what this program writes."""
    packages = {"tantivy", "tree-sitter", *(grammar.module.replace("_", "-") for grammar in GRAMMARS)}
    digest = hashlib.blake2b(digest_size=8)
    digest.update("\0".join((str(_FORMAT), *(f"{name} {version(name)}" for name in sorted(packages)))).encode())
    queries = tuple(f"queries/{name}.scm" for name in sorted({grammar.queries for grammar in GRAMMARS}))
    for source in (*_SOURCES, *queries):
        digest.update(pkgutil.get_data("lsp_server.workspace", source) or b"")
    return digest.hexdigest()
