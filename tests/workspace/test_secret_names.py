from __future__ import annotations

import pytest

from lsp_server.workspace.secret_names import is_private_key, is_secret, shows_private_key


@pytest.mark.parametrize(
    "path",
    [
        ".env", ".env.example", ".envrc", "a/.env.local", ".ENV", "prod.env", "server.pem", "tls/server.key",
        "cert.p12", "cert.PFX",
        "id_rsa", "id_ed25519", "backup/id_rsa.bak", ".netrc", ".npmrc", ".pypirc", ".git-credentials",
        ".git/config", "sub/.git/config", ".aws/credentials", "home/.aws/credentials", "kubeconfig", ".kube/config",
        ".ssh/known_hosts", ".docker/config.json", ".env/lib/x.py", "terraform.tfstate", ".bash_history",
    ],
)  # fmt: skip
def test_secrets_are_known_by_name(path: str):
    """Environments, keys and credentials, in any letter case and folder."""
    assert is_secret(path)


@pytest.mark.parametrize(
    "path",
    [
        "environment.py", "env.py", "src/env/settings.py", "keys.py", "key.go", "id_rsa.pub", "secrets.py", "pem.py",
        "tests/test_env.py", "credentials.py", "config.json", "aws/credentials.ts", "monkey.py", "a.keyboard",
        "git/config",
    ],
)  # fmt: skip
def test_code_is_no_secret(path: str):
    """Names that only resemble secrets are open."""
    assert not is_secret(path)


def test_a_key_is_known_by_its_first_line():
    """A private key's head tells; a certificate's, a public key's and a mention in code do not."""
    assert is_private_key(b"\n-----BEGIN EC PRIVATE KEY-----\nabc")
    assert is_private_key(b"PuTTY-User-Key-File-3: ssh-ed25519")
    assert is_private_key(b"\xef\xbb\xbf-----BEGIN PRIVATE KEY-----\nabc")
    assert is_private_key(b"# key for tests\n-----BEGIN PRIVATE KEY-----\nabc")
    assert is_private_key(b"# created: 2024\n# public key: age1x\nAGE-SECRET-KEY-1X\n")
    assert is_private_key(b"-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n")
    assert not is_private_key(b"-----BEGIN CERTIFICATE-----\n")
    assert not is_private_key(b'HEAD = "-----BEGIN PRIVATE KEY-----"')


def test_a_part_of_a_key_is_known_by_its_lines():
    """Head, body and end tell; a hash, a path and prose of the same width do not."""
    for line in (
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----END EC PRIVATE KEY-----",
        "MIIEx/+9" * 8,
        "b3BlbnNz" * 8 + "abcdef",
    ):
        assert shows_private_key(["code", line])
    for line in ("0123456789abcdef" * 4, "src/" * 15 + "a.py", "word " * 13, "A" * 65, "-----BEGIN CERTIFICATE-----"):
        assert not shows_private_key([line])
