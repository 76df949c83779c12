"""The versions of what decides a result, as manifests and provenances record them."""

from __future__ import annotations

from importlib import metadata

from lsp_server import __version__

_DECISIVE = ("mlx", "mlx-lm", "gguf", "tokenizers")


def made_with() -> dict[str, str]:
    """Return the version of this package and of each that computes, reads or writes weights."""
    return {"inglenook": __version__} | {name: metadata.version(name) for name in _DECISIVE}
