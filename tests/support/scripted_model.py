"""A model folder for a scripted resident process: a manifest, and nothing that the script would need."""

from __future__ import annotations

from pathlib import Path

from lsp_server.modelstore import Manifest, ModelFolder


def scripted_folder(path: Path, *, first_call: str = "free", context_tokens: int = 8192) -> ModelFolder:
    """Return a folder value whose hash is its path, so that each test has a process of its own."""
    manifest = Manifest(
        recipe="scripted",
        title="Scripted",
        licence="Apache-2.0",
        dialect="json-fence",
        after_rows="free",
        first_call=first_call,  # pyright: ignore[reportArgumentType]
        context_tokens=context_tokens,
        bits=8,
        base="none",
        hashes={"path": str(path)},
        sizes={},
        weights_key="scripted",
        versions={},
        prompt_version="",
        created_at="2026-01-01T00:00:00Z",
    )
    return ModelFolder(path, manifest)
