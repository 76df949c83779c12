"""The copies of what the code declares once, in package.json, protocol.ts, README.md and SETTINGS.md."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import attrs
import pytest

import generate
import generate_downloads
from generate_settings import configuration, reference, restricted
from generate_typescript import alias, interface, type_of, union
from lsp_server import wire
from lsp_server.settings import CLIENT_DECLARATIONS, DECLARATIONS, Settings

ROOT = Path(__file__).parents[1]
PATHS = tuple(generate.copies())


@pytest.mark.parametrize("path", PATHS, ids=[path.name for path in PATHS])
def test_a_copy_is_that_of_the_code(path: Path):
    """A stale copy is rewritten, and the test fails once so that the change is committed."""
    fresh = generate.stale().get(path)
    if fresh is not None:
        path.write_text(fresh, "utf-8")
        pytest.fail(f"{path.relative_to(ROOT)} was stale; it is rewritten now.")


def test_check_names_nothing_where_nothing_is_stale():
    """The command says the same as the tests above, and runs from any folder."""
    command = [sys.executable, str(ROOT / "client-vscode" / "generate.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", env={"PYTHONPATH": str(ROOT)})
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_check_exits_with_1_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any):
    """What is stale is named, and left."""
    copy = tmp_path / "copy.md"
    monkeypatch.setattr(generate, "CLIENT", tmp_path / "client")
    monkeypatch.setattr(generate, "copies", lambda: {copy: "fresh"})
    assert generate.main(["--check"]) == 1
    assert not copy.exists()
    assert capsys.readouterr().out == "copy.md is stale\n"
    assert generate.main([]) == 0
    assert copy.read_text("utf-8") == "fresh"


def test_the_sizes_of_downloads_are_those_of_the_lock():
    """They cannot be written again here: only a registry knows them, and `make lock` asks it."""
    fresh = generate_downloads.main(["--check"]) == 0
    assert fresh, "client-vscode/src/setup/downloads.ts is of another lock or other recipes; run `make lock`."


# Settings


def properties() -> Mapping[str, Any]:
    return {key: value for category in configuration() for key, value in category["properties"].items()}


def test_every_setting_is_in_the_configuration_block():
    """Those of the server and those of the client, under the section's name."""
    keys = [f"inglenook.{declared.key}" for declared in (*DECLARATIONS, *CLIENT_DECLARATIONS)]
    assert list(properties()) == keys


def test_a_property_has_type_default_range_and_scope():
    """As JSON Schema has them; a whole number is written as one."""
    assert properties()["inglenook.model.idleMinutes"] == {
        "type": "number",
        "minimum": 0,
        "maximum": 1440,
        "default": 10,
        "scope": "machine",
        "markdownDescription": "The resident model leaves memory this long after its last editor has gone. "
        "Applies from its next loading on.",
    }


@pytest.mark.parametrize(
    ("key", "schema"),
    [
        ("model.seed", {"type": ["integer", "null"], "minimum": 0, "default": None}),
        ("hover.explain", {"type": "string", "enum": ["off", "onRequest", "automatic"]}),
        ("files.exclude", {"type": "array", "items": {"type": "string"}, "scope": "resource"}),
        ("hover.prefetch", {"type": "boolean", "default": False}),
        ("server.command", {"type": "array", "scope": "machine"}),
    ],
)
def test_each_kind_of_setting_has_its_schema(key: str, schema: Mapping[str, Any]):
    """What the settings editor shows depends on it."""
    described = json.loads(json.dumps(properties()[f"inglenook.{key}"]))
    assert {name: described[name] for name in schema} == schema


def test_no_untrusted_workspace_sets_what_a_workspace_must_not():
    """Nor does a trusted one: the scope sees to that."""
    assert restricted() == [
        f"inglenook.{declared.key}" for declared in (*DECLARATIONS, *CLIENT_DECLARATIONS) if declared.scope == "machine"
    ]


def test_the_server_passes_over_the_settings_of_the_client():
    """A client sends the whole section."""
    sent = {"server": {"command": ["inglenook", "serve"], "python": "/usr/bin/python3"}}
    assert Settings.from_client(sent) == (Settings(), ())


def test_the_reference_tells_limits_and_who_may_set():
    """One entry for each setting."""
    entry = reference().partition("### `inglenook.ask.maxToolCalls`\n")[2].partition("\n##")[0]
    assert entry == ("\nThe most tool calls for one question.\n\ndefault `6` · 0 to 50 · set by: user, workspace\n")


# Messages


@attrs.frozen
class Sample:
    """Something."""

    first_value: int
    note: str | None = None
    """Why."""
    marks: tuple[tuple[int, int], ...] = ()


def test_what_the_client_sends_may_leave_out_what_has_a_default():
    """Names are camelCase, docstrings comments, None is what is left out."""
    assert interface(Sample, {}, sent=True) == (
        "/** Something. */\n"
        "export interface Sample {\n"
        "  readonly firstValue: number;\n"
        "  /** Why. */\n"
        "  readonly note?: string;\n"
        "  readonly marks?: readonly (readonly [number, number])[];\n"
        "}\n"
    )


def test_what_the_server_sends_leaves_out_only_what_is_none():
    """As its converter does."""
    lines = interface(Sample, {}, sent=False).splitlines()
    assert lines[-2] == "  readonly marks: readonly (readonly [number, number])[];"


def test_literals_become_unions_and_aliases_keep_their_names():
    """A long union stands on lines of its own."""
    kind = Literal["a", "b"]
    assert alias("Kind", kind, {}) == "export type Kind = 'a' | 'b';\n"
    assert type_of(tuple[kind, ...], {kind: "Kind"}) == "readonly Kind[]"
    assert union("Long", ["'" + "x" * 70 + "'"] * 2).splitlines()[0] == "export type Long ="


def test_a_type_without_a_form_is_refused():
    """Rather than written as `unknown`."""
    with pytest.raises(TypeError, match="no form in TypeScript"):
        type_of(set[int], {})


def test_every_message_of_the_wire_is_in_the_protocol():
    """A class that nobody generates is a message that the extension does not know."""
    written = (ROOT / "client-vscode" / "src" / "protocol.ts").read_text("utf-8")
    declared = [name for name, value in vars(wire).items() if attrs.has(value) and value.__module__ == wire.__name__]
    missing = [name for name in declared if f" {name} " not in written]
    assert missing == []


# The lock that the extension installs from


def pins(lock: Path) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?)==([^ ;\\]+)", lock.read_text("utf-8"), re.MULTILINE))


def test_the_extension_installs_what_the_tests_run_with():
    """Its lock has the same versions as the development's, each with its hashes, and names no host."""
    lock = ROOT / "client-vscode" / "requirements.lock"
    ours, theirs = pins(lock), pins(ROOT / "requirements.lock")
    assert ours.items() <= theirs.items()
    assert "pytest" not in ours
    text = lock.read_text("utf-8")
    assert "://" not in text
    assert text.count("--hash=sha256:") >= len(ours)
