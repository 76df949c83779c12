"""Which names mark a secret: such files are never read, searched, listed or shown, whatever the settings say."""

from __future__ import annotations

import fnmatch
import re
import unicodedata

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

_SECRET = re.compile("|".join(fnmatch.translate(name) for name in (*NAMES, *FOLDERS)))
_PUBLIC = re.compile("|".join(fnmatch.translate(name) for name in PUBLIC))
_KEY_HEADS = (b"-----BEGIN", b"PuTTY-User-Key-File")


def is_secret(relative: str) -> bool:
    """Say whether any component of the path, or its end, is named like a secret; letter case does not matter."""
    folded = unicodedata.normalize("NFKC", relative).casefold()
    parts = folded.split("/")
    if any(_SECRET.match(part) and not _PUBLIC.match(part) for part in parts):
        return True
    return any(folded == ending or folded.endswith("/" + ending) for ending in ENDINGS)


def is_private_key(head: bytes) -> bool:
    """Say whether a file that begins with `head` is a private key under another name."""
    line = head.lstrip().split(b"\n", 1)[0]
    if line.startswith(_KEY_HEADS[0]):
        return b"PRIVATE KEY" in line
    return line.startswith(_KEY_HEADS[1])


def exclusion_pathspecs() -> tuple[str, ...]:
    """Return the secrets as git pathspecs that exclude them."""
    globs = [f"**/{name}" for name in NAMES]
    globs += [f"**/{name}/**" for name in (*NAMES[:1], *FOLDERS)]
    globs += [f"**/{ending}" for ending in ENDINGS]
    return tuple(f":(top,exclude,icase,glob){glob}" for glob in globs)
