"""`inglenook doctor` names each fault, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer
from threading import Thread
from typing import Any

import attrs
import pytest

from lsp_server import cli_doctor
from lsp_server.modelstore import MANIFEST
from lsp_server.settings import Settings
from support.scripted_model import scripted_folder

CPU: Mapping[str, Any] = {"device": "cpu", "blas": "/lib/libopenblas.so", "mlx_version": "0.32"}
ADMITTED: Mapping[str, Any] = {"admitted": True, "checks": ["markers: trained"], "reason": ""}


@pytest.fixture
def reports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the processes that may import mlx would print; an exception is raised."""
    told: dict[str, Any] = {"device": CPU, "probe": ADMITTED}

    def answer(module: str, *_arguments: str, seconds: float) -> Any:
        assert seconds > 0
        report = told[module.rpartition(".")[2]]
        if isinstance(report, Exception):
            raise report
        return report

    monkeypatch.setattr(cli_doctor, "_told_by", answer)
    return told


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model folder that looks whole, in a data folder of the test's own."""
    monkeypatch.setenv("INGLENOOK_HOME", str(tmp_path))
    folder = tmp_path / "models" / Settings().recipe
    folder.mkdir(parents=True)
    (folder / "config.json").write_text('{"model_type": "qwen2"}')
    manifest = attrs.evolve(scripted_folder(folder).manifest, recipe=Settings().recipe)
    (folder / MANIFEST).write_text(manifest.to_json())
    return folder


def faults(settings: Settings | None = None) -> dict[str, str]:
    """Return what is broken, by subject."""
    found = cli_doctor.examine(settings or Settings())
    return {finding.subject: finding.found for finding in found if finding.level == "fault"}


def test_a_sound_installation_has_no_fault(reports: dict[str, Any], model: Path, capsys: pytest.CaptureFixture[str]):
    """Everything in place: exit code 0, and each subject is named."""
    assert cli_doctor.run_doctor(as_json=True, settings=Settings()) == 0
    findings = {finding["subject"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert {"Inglenook", "pygls", "mlx", "device", "BLAS", "data folder", "model", "manifest", "probe"} <= set(findings)
    assert findings["probe"]["found"] == "admitted; markers: trained"
    assert str(model) in findings["model"]["found"]


def test_every_fault_has_a_remedy(
    reports: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Without model and BLAS the exit code is 1, and each fault comes with what to do."""
    monkeypatch.setenv("INGLENOOK_HOME", str(tmp_path))
    reports["device"] = {**CPU, "blas": None}
    assert cli_doctor.run_doctor(as_json=False, settings=Settings()) == 1
    told = capsys.readouterr().out
    assert "thirty times slower" in told
    assert "inglenook model build" in told
    broken = [finding for finding in cli_doctor.examine(Settings()) if finding.level == "fault"]
    assert [finding.subject for finding in broken] == ["BLAS", "model"]
    assert all(finding.remedy for finding in broken)


def test_no_blas_is_needed_on_metal(reports: dict[str, Any], model: Path):
    """A device that computes by itself lacks nothing."""
    reports["device"] = {"device": "metal", "blas": None, "mlx_version": "0.32"}
    assert faults() == {}


def test_a_silent_process_is_a_fault(reports: dict[str, Any], model: Path):
    """What a crashed process said last is passed on."""
    reports["device"] = cli_doctor._Silent("ImportError: libc")  # pyright: ignore[reportPrivateUsage]
    reports["probe"] = cli_doctor._Silent("exit code -9")  # pyright: ignore[reportPrivateUsage]
    assert set(faults()) == {"device", "probe"}


def test_a_refused_model_is_a_fault(reports: dict[str, Any], model: Path):
    """The probe's reason is told."""
    reports["probe"] = {"admitted": False, "checks": [], "reason": "It never ends its turn."}
    assert faults() == {"probe": "refused: It never ends its turn."}


def test_a_damaged_model_is_a_fault(reports: dict[str, Any], model: Path):
    """A folder that is not ours is told."""
    (model / MANIFEST).write_text("{}")
    assert set(faults()) == {"model"}


def test_a_process_that_prints_no_report_is_silent():
    """A module that prints something else has not reported."""
    with pytest.raises(cli_doctor._Silent):  # pyright: ignore[reportPrivateUsage]
        cli_doctor._told_by("this", "x", seconds=30)  # pyright: ignore[reportPrivateUsage]


class _Models(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        good = self.path == "/v1/models"
        body = json.dumps({"data": [{"id": "served"}]}).encode()
        self.send_response(200 if good else 404)
        self.end_headers()
        self.wfile.write(body if good else b"")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[str]:
    """An OpenAI-compatible server that lists one model."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Models)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_endpoint_is_tried(reports: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str):
    """A reachable endpoint needs no model; a wrong address is a fault."""
    monkeypatch.setenv("INGLENOOK_HOME", str(tmp_path))
    assert faults(Settings(endpoint=f"{endpoint}/v1")) == {}
    assert set(faults(Settings(endpoint=endpoint))) == {"endpoint"}
    assert set(faults(Settings(endpoint="http://127.0.0.1:9/v1"))) == {"endpoint"}
    assert set(faults(Settings(endpoint="nonsense"))) == {"endpoint"}


def test_an_endpoint_of_another_kind_is_a_fault(
    reports: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A server that speaks something else, and an address that cannot be one, are told on one line."""
    monkeypatch.setenv("INGLENOOK_HOME", str(tmp_path))

    class Shell(StreamRequestHandler):
        def handle(self) -> None:
            self.rfile.readline()
            self.wfile.write(b"SSH-2.0-OpenSSH\r\n")

    with TCPServer(("127.0.0.1", 0), Shell) as server:
        answering = Thread(target=server.handle_request)
        answering.start()
        found = faults(Settings(endpoint=f"http://127.0.0.1:{server.server_address[1]}/v1"))
        answering.join()
    assert "SSH-2.0" in found["endpoint"]
    assert set(faults(Settings(endpoint="http://a b/v1"))) == {"endpoint"}


def test_a_data_folder_that_cannot_be_written_is_a_fault(
    reports: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Where no model could be built, the report says so."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("INGLENOOK_HOME", str(tmp_path / "file" / "home"))
    assert "is no folder" in faults()["data folder"]
    monkeypatch.setenv("INGLENOOK_HOME", str(tmp_path / "not" / "yet"))
    assert "data folder" not in faults()


def test_lines_are_never_cut(
    reports: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """A long path and a command to type stand on one line, so that they can be copied."""
    home = tmp_path / ("long" * 40)
    monkeypatch.setenv("INGLENOOK_HOME", str(home))
    cli_doctor.run_doctor(as_json=False, settings=Settings())
    lines = capsys.readouterr().out.splitlines()
    assert any(line.endswith(str(home)) for line in lines)
    assert any(line.endswith(f"-> Run `inglenook model build --recipe {Settings().recipe}`.") for line in lines)
