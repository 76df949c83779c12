"""The Hugging Face hub: addresses, and the hashes that it states. The endpoint and the token are the user's own."""

from __future__ import annotations

import hashlib
import http.client
import json
import urllib.error
from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from typing import Any
from urllib.parse import quote

import attrs

from models.download import Digest, Remote, Unreachable, open_url
from models.recipe import Base, Hub

_WANTED = ("*.safetensors", "*.safetensors.index.json", "config.json", "generation_config.json")
_WANTED_TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt", "added_tokens.json")


@attrs.frozen
class Snapshot:
    """The files of a repository at one commit."""

    commit: str
    files: Mapping[str, Remote]


def hub_file(base: Base) -> Remote:
    """Return where the hub has the base's one file."""
    return Remote(_url(base.hub, base.hub.revision, base.file), base.bytes, base.sha256, headers=_headers())


def hub_snapshot(hub: Hub) -> Snapshot:
    """Ask the hub which files make up the model and what their hashes are.

    Raises:
        Unreachable: the hub cannot be asked, or its answer cannot be read.
    """
    address = f"{_endpoint()}/api/models/{hub.repository}/revision/{hub.revision}?blobs=true"
    try:
        with open_url(address, _headers()) as response:
            answer = json.load(response)
        commit = str(answer["sha"])
        files = {str(entry["rfilename"]): _remote(hub, commit, entry) for entry in answer["siblings"] if _wanted(entry)}
    except (urllib.error.URLError, http.client.HTTPException, OSError) as error:
        raise Unreachable(f"the hub could not be asked for {hub.repository} ({error})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise Unreachable(f"the hub's answer about {hub.repository} cannot be read ({error!r})") from error
    if not any(name.endswith(".safetensors") for name in files):
        raise Unreachable(f"the hub lists no safetensors in {hub.repository}")
    return Snapshot(commit, files)


def _wanted(entry: Mapping[str, Any]) -> bool:
    """Whether a file is a weight or describes them; code never is, nor anything in a folder."""
    return any(fnmatch(entry["rfilename"], pattern) for pattern in (*_WANTED, *_WANTED_TOKENIZER)) and (
        "/" not in entry["rfilename"]
    )


def _remote(hub: Hub, commit: str, entry: Mapping[str, Any]) -> Remote:
    name, size = str(entry["rfilename"]), int(entry["size"])
    large = entry.get("lfs")
    digest, new_digest = (large["sha256"], hashlib.sha256) if large else (entry["blobId"], _git_blob(size))
    return Remote(_url(hub, commit, name), size, str(digest), new_digest, headers=_headers())


def _git_blob(size: int) -> Callable[[], Digest]:
    """Return a maker of the hash by which git names a file of `size` bytes."""
    return lambda: hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)


def _url(hub: Hub, revision: str, name: str) -> str:
    return f"{_endpoint()}/{hub.repository}/resolve/{quote(revision, safe='')}/{quote(name)}"


def _endpoint() -> str:
    from huggingface_hub import constants  # noqa: PLC0415 - half a second, and only a download needs it

    if constants.HF_HUB_OFFLINE:
        raise Unreachable("the hub is switched off by HF_HUB_OFFLINE")
    return constants.ENDPOINT


def _headers() -> dict[str, str]:
    from huggingface_hub import get_token  # noqa: PLC0415 - likewise

    _endpoint()
    token = get_token()
    return {"Authorization": f"Bearer {token}"} if token else {}
