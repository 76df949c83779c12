"""`inglenook doctor`: what is installed, what is missing, and what to do about it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from importlib import metadata
from typing import Any, Literal, cast
from urllib.error import HTTPError, URLError

import attrs
from rich.console import Console
from rich.text import Text

from lsp_server import __version__, modelstore, user_folders
from lsp_server.agent.prompts import PROMPT_VERSION
from lsp_server.errors import InglenookError
from lsp_server.own_programs import module_command
from lsp_server.settings import Settings

Level = Literal["ok", "note", "fault"]

_PACKAGES = ("pygls", "lsprotocol", "pydantic-ai-slim", "mlx", "mlx-lm", "llguidance", "anyio", "tree-sitter")
_INSTALLING = "Run `make clean` and `make ask`; in VS Code, “Inglenook: Set Up Model…”."
_DISTRIBUTED = "OpenBLAS (on Debian libopenblas0-pthread)"
_DEVICE_SECONDS = 120.0
"""The report imports mlx, which takes its time on a cold disk."""
_PROBE_SECONDS = 600.0
_COLOURS: Mapping[Level, str] = {"ok": "green", "note": "yellow", "fault": "red"}
_SIGNS: Mapping[Level, str] = {"ok": "ok", "note": "note", "fault": "FAULT"}


@attrs.frozen
class Finding:
    """One thing that was looked at."""

    subject: str
    level: Level
    found: str
    remedy: str = ""


def run_doctor(*, as_json: bool, settings: Settings | None = None) -> int:
    """Look, tell, and return 1 when something is broken."""
    findings = tuple(examine(settings or settings_from_environment()))
    if as_json:
        json.dump([attrs.asdict(finding) for finding in findings], sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        _print(findings)
    return 1 if any(finding.level == "fault" for finding in findings) else 0


def settings_from_environment() -> Settings:
    """Return the settings, with the endpoint that `INGLENOOK_ENDPOINT` names: there is no editor to ask."""
    return Settings(endpoint=os.environ.get("INGLENOOK_ENDPOINT", ""))


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield every finding, the most basic first."""
    yield Finding("Inglenook", "ok", f"{__version__}, Python {platform.python_version()}, {platform.platform()}")
    yield from _packages()
    yield from _device()
    yield from _model(settings)
    if settings.endpoint:
        yield _endpoint(settings)


def _packages() -> Iterator[Finding]:
    for name in _PACKAGES:
        try:
            yield Finding(name, "ok", metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding(name, "fault", "not installed", _INSTALLING)


def _device() -> Iterator[Finding]:
    try:
        report = _told_by("lsp_server.resident.device", seconds=_DEVICE_SECONDS)
    except _Silent as error:
        yield Finding("device", "fault", f"mlx cannot be used here: {error}", f"{_INSTALLING} Or use an endpoint.")
        return
    yield Finding("device", "ok", f"{report['device']}, mlx {report['mlx_version']}")
    yield _blas(report)


class _Silent(Exception):
    """A process of ours ended without its report; the words are why."""


def _told_by(module: str, *arguments: str, seconds: float) -> Mapping[str, Any]:
    """Return the JSON that a module of ours prints, run as a process of its own: it may import mlx, this one not.

    Raises:
        _Silent: it printed none.
    """
    command = module_command(module, *arguments)
    try:
        done = subprocess.run(  # noqa: S603 - our own modules
            command, capture_output=True, text=True, timeout=seconds, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _Silent(str(error)) from error
    try:
        return cast("Mapping[str, Any]", json.loads(done.stdout.splitlines()[-1]))
    except (ValueError, IndexError):
        raise _Silent((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]) from None


def _blas(report: Mapping[str, Any]) -> Finding:
    if report["blas"]:
        return Finding("BLAS", "ok", str(report["blas"]))
    if report["device"] != "cpu":
        return Finding("BLAS", "ok", "not needed on this device")
    told = "none was found that this CPU can run: prefill will be some thirty times slower"
    return Finding("BLAS", "fault", told, f"{_INSTALLING} Or install your distribution's {_DISTRIBUTED}.")


def _model(settings: Settings) -> Iterator[Finding]:
    yield _data_folder()
    try:
        folder = modelstore.chosen(settings)
    except InglenookError as error:
        level: Level = "note" if settings.endpoint else "fault"
        yield Finding("model", level, error.sentence, error.hint)
        return
    manifest = folder.manifest
    yield Finding("model", "ok", f"{manifest.title} in {folder.path}, {folder.bytes_on_disk / 1e9:.2f} GB")
    made = f"made {manifest.created_at}, hash {manifest.model_hash[:12]}"
    yield Finding("manifest", "ok", f"{manifest.bits} bits, dialect {manifest.dialect}, {made}")
    yield _probe(folder)


def _data_folder() -> Finding:
    """Say where models lie, and whether anything can be written there; the folder need not exist yet."""
    folder = user_folders.data_root()
    there = next(path for path in (folder, *folder.parents) if os.access(path, os.F_OK))
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return Finding("data folder", "ok", str(folder))
    return Finding(
        "data folder",
        "fault",
        f"{folder} cannot be written: {there} is {'not yours to write' if there.is_dir() else 'no folder'}",
        "Correct its permissions, or set INGLENOOK_HOME to a folder of your own.",
    )


def _probe(folder: modelstore.ModelFolder) -> Finding:
    """Load the model once and put the probe's questions to it."""
    remedy = f"Run `inglenook model build --recipe {folder.manifest.recipe}` to make it again."
    try:
        verdict = _told_by(
            "lsp_server.resident.probe", str(folder.path), "--prompt-version", PROMPT_VERSION, seconds=_PROBE_SECONDS
        )
    except _Silent as error:
        return Finding("probe", "fault", f"the model could not be probed: {error}", remedy)
    if not verdict["admitted"]:
        return Finding("probe", "fault", f"refused: {verdict['reason']}", remedy)
    return Finding("probe", "ok", "admitted; " + "; ".join(verdict["checks"]))


def _endpoint(settings: Settings) -> Finding:
    url = settings.endpoint.rstrip("/") + "/models"
    key = os.environ.get(settings.endpoint_key_variable, "")
    if not url.startswith(("http://", "https://")):
        return Finding("endpoint", "fault", f"{settings.endpoint} is no web address", "Write http://HOST:PORT/v1.")
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {key}"} if key else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - the person's own setting
            models = [str(entry["id"]) for entry in json.load(answer)["data"]]
    except HTTPError as error:
        return Finding("endpoint", "fault", f"{url} answers {error.code} {error.reason}", "Check its address and key.")
    except (URLError, HTTPException, OSError, ValueError, KeyError, TypeError) as error:
        why = error.reason if isinstance(error, URLError) else error
        return Finding("endpoint", "fault", f"{url} cannot be used: {why}", "Check that the server is running.")
    return Finding("endpoint", "ok", f"{settings.endpoint} serves {', '.join(models) or 'no model'}")


def _print(findings: tuple[Finding, ...]) -> None:
    """Write one line a finding, never cut or folded: paths and commands are there to be copied."""
    console = Console(highlight=False)
    wide = max(len(finding.subject) for finding in findings)
    for finding in findings:
        sign = (f"{_SIGNS[finding.level]:<5}", _COLOURS[finding.level])
        found = " ".join(finding.found.split())
        console.print(Text.assemble(f"{finding.subject:<{wide}}  ", sign, f"  {found}"), soft_wrap=True)
        if finding.remedy:
            console.print(Text(f"{'':<{wide}}         -> {finding.remedy}", style="bold"), soft_wrap=True)
