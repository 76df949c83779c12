"""Writes every copy of what is declared once elsewhere: settings, messages, the version.

python client-vscode/generate.py            writes the copies that are stale
python client-vscode/generate.py --check    names them, and exits 1 if there are any
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from generate_protocol import protocol
from generate_settings import configuration, reference, restricted, table

CLIENT = Path(__file__).parent
PACKAGE = CLIENT / "package.json"
README = CLIENT.parent / "README.md"
PROJECT = CLIENT.parent / "pyproject.toml"
MARK = "<!-- settings -->\n"


def copies() -> Mapping[Path, str]:
    """Return every file that holds a copy, and its text as it should be."""
    return {
        CLIENT / "src" / "protocol.ts": protocol(),
        CLIENT / "SETTINGS.md": reference(),
        PACKAGE: package(PACKAGE.read_text("utf-8")),
        README: readme(README.read_text("utf-8")),
    }


def package(text: str) -> str:
    """Return package.json with the settings of the code and the project's version; the rest as it is."""
    manifest: dict[str, Any] = json.loads(text)
    manifest["version"] = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"]
    manifest["contributes"]["configuration"] = configuration()
    manifest["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"] = restricted()
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def readme(text: str) -> str:
    """Return the README with the table of the code; the rest as it is."""
    before, _, after = text.partition(MARK)
    _, separator, rest = after.partition("\n## ")
    return f"{before}{MARK}\n{table()}{separator}{rest}"


def stale() -> Mapping[Path, str]:
    """Return the files that differ from what they should be."""
    return {path: text for path, text in copies().items() if not path.is_file() or path.read_text("utf-8") != text}


def main(arguments: Sequence[str]) -> int:
    """Write or check."""
    found = stale()
    for path, text in found.items():
        sys.stdout.write(f"{path.relative_to(CLIENT.parent)} is stale\n")
        if "--check" not in arguments:
            path.write_text(text, "utf-8")
    return 1 if found and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
