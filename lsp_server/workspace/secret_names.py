"""Which names mark a secret: such files are never read, searched, listed or shown, whatever the settings say."""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

NAMES: tuple[str, ...] = (
    # environments
    ".env*", "*.env",
    # private keys and their containers
    "*.pem", "*.key", "*.p8", "*.p12", "*.pfx", "*.pkcs8", "*.pkcs12", "*.jks", "*.jceks", "*.bks", "*.keystore",
    "*.ppk", "*.kdbx", "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", "id_xmss",
    "id_rsa[._-]*", "id_dsa[._-]*", "id_ecdsa[._-]*", "id_ed25519[._-]*", "secring.*",
    # credentials of tools
    ".netrc", "_netrc", ".npmrc", ".pypirc", ".git-credentials", ".gitconfig", ".htpasswd", ".pgpass", ".my.cnf",
    ".mylogin.cnf", ".dockercfg", "kubeconfig", "*.kubeconfig", ".vault-token", ".terraformrc", ".s3cfg", ".boto",
    "*.tfstate", "*.tfstate.*", "application_default_credentials.json", "service-account*.json",
    "service_account*.json", "credentials.json", "client_secret*.json", "secrets.json", "secrets.y*ml", "secrets.toml",
    ".*_history",
)  # fmt: skip
"""Globs of a file's or folder's own name."""

ENDINGS: tuple[str, ...] = (
    ".git/config", ".aws/credentials", ".aws/config", ".docker/config.json", ".cargo/credentials",
    ".cargo/credentials.toml", ".gem/credentials", ".m2/settings.xml", ".composer/auth.json",
)  # fmt: skip
"""Paths that end with one of these."""

FOLDERS: tuple[str, ...] = (".ssh", ".gnupg", ".kube", ".azure", ".secrets")
"""Everything below a folder of one of these names."""

PUBLIC: tuple[str, ...] = ("*.pub",)
"""Globs that are no secret although a glob above says so."""

_ENDINGS = tuple(f"/{ending}" for ending in ENDINGS)
_SECRET = re.compile("|".join(fnmatch.translate(name) for name in (*NAMES, *FOLDERS)))
_PUBLIC = re.compile("|".join(fnmatch.translate(name) for name in PUBLIC))
_KEY = r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY|PuTTY-User-Key-File|AGE-SECRET-KEY-1"
_KEY_LINE = re.compile(rf"^(?:{_KEY})".encode(), re.MULTILINE)
_KEY_FILE = re.compile(rf"(?:\s|#[^\n]*\n)*(?:{_KEY}|-----BEGIN |Bag Attributes)".encode())
"""A file of keys begins so, perhaps with a certificate or a comment; a mention in code does not."""
_BODY = r"(?=[0-9A-Fa-f]*[G-Zg-z+/])[A-Za-z0-9+/]{64}(?:.{6}|.{12})?$"
_PEM_LINE = re.compile(rf"{_KEY}|-----END [A-Z0-9 ]*PRIVATE KEY|{_BODY}")
"""A line of a key's head, body (base64 of one of the usual widths) or end."""


def is_secret(relative: str) -> bool:
    """Say whether any component of the path, or its end, is named like a secret; letter case does not matter."""
    folded = unicodedata.normalize("NFKC", relative).casefold()
    if any(map(_is_secret_name, folded.split("/"))):
        return True
    return f"/{folded}".endswith(_ENDINGS)


@lru_cache(maxsize=10_000)
def _is_secret_name(folded: str) -> bool:
    """Say whether a component is named like a secret; a workspace has few different ones."""
    return _SECRET.match(folded) is not None and not _PUBLIC.match(folded)


def is_private_key(data: bytes) -> bool:
    """Say whether a file's bytes are a private key under another name, alone or behind its certificates."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    return _KEY_FILE.match(data) is not None and _KEY_LINE.search(data) is not None


def shows_private_key(lines: Iterable[str]) -> bool:
    """Say whether lines out of a file seem to be a private key's, or another secret's in its form.

    It errs on the safe side: the middle of a key cannot be told from other base64 of the same width.
    """
    return any(_PEM_LINE.match(line) for line in lines)


def exclusion_pathspecs() -> tuple[str, ...]:
    """Return the secrets as git pathspecs that exclude them."""
    globs = [f"**/{name}" for name in NAMES]
    globs += [f"**/{name}/**" for name in (*NAMES, *FOLDERS)]
    globs += [f"**/{ending}" for ending in ENDINGS]
    return tuple(f":(top,exclude,icase,glob){glob}" for glob in globs)
