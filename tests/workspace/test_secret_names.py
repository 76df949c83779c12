from __future__ import annotations

import pytest

from lsp_server.workspace.secret_names import is_private_key, is_secret


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
    assert not is_private_key(b"-----BEGIN CERTIFICATE-----\n")
    assert not is_private_key(b'HEAD = "-----BEGIN PRIVATE KEY-----"')
