from __future__ import annotations

import stat
from pathlib import Path

import pytest

from models.bench.code.rivals import Ripgrep, ctags, ripgrep
from models.bench.code.sources import Pins


@pytest.fixture
def on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only folder of programs that there is."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_universal_ctags_of_the_machine(on_path: Path, tmp_path: Path):
    """The ctags on the path is taken if it says that it is the universal one, with its version."""
    program(on_path / "ctags", "echo 'Universal Ctags 6.1.0(p6.1), Copyright'")
    found = ctags(tmp_path / "store")
    assert found is not None
    assert (found.program, found.version) == (on_path / "ctags", "6.1.0")
    assert found.index(tmp_path).seconds > 0


def test_other_ctags(on_path: Path, tmp_path: Path):
    """Another program of that name is passed over; without Debian's tools there is none."""
    program(on_path / "ctags", "echo 'Exuberant Ctags 5.8'")
    assert ctags(tmp_path / "store") is None


def test_ctags_of_debian(on_path: Path, tmp_path: Path):
    """Where the path has none, Debian's package is downloaded and unpacked into the store, and kept."""
    program(on_path / "apt-get", ": >universal-ctags_5.9_amd64.deb")
    unpacks = """
        PATH=/usr/bin:/bin
        mkdir -p "$3/usr/bin"
        printf '#!/bin/sh\\necho Universal Ctags 5.9.0\\n' >"$3/usr/bin/ctags"
        chmod +x "$3/usr/bin/ctags"
    """
    program(on_path / "dpkg", unpacks)
    found = ctags(tmp_path / "store")
    assert found is not None
    assert found.program == tmp_path / "store/universal-ctags/usr/bin/ctags"
    (on_path / "apt-get").write_text("#!/bin/sh\nexit 1\n")
    assert ctags(tmp_path / "store") == found


def test_debian_that_has_none(on_path: Path, tmp_path: Path):
    """A download that fails leaves nothing behind."""
    program(on_path / "apt-get", "exit 100")
    program(on_path / "dpkg", "exit 2")
    assert ctags(tmp_path / "store") is None
    assert list((tmp_path / "store").iterdir()) == []


def test_no_ripgrep_for_this_platform(tmp_path: Path):
    """Where no wheel is pinned for the platform, there is no ripgrep beside."""
    assert ripgrep(Pins({}, {}), tmp_path) is None


def test_ripgrep_takes_text_as_it_is(tmp_path: Path):
    """Text is searched as a fixed string, an expression is not; both with smart case, and never with a config file."""
    echo = Ripgrep(program(tmp_path / "rg", 'for word in "$@"; do echo "$word"; done'), "14.1.0")
    text = echo.search("-a.b(", tmp_path, regex=False).output.decode().splitlines()
    regex = echo.search("-a.b", tmp_path, regex=True).output.decode().splitlines()
    assert "--fixed-strings" in text
    assert "--fixed-strings" not in regex
    assert text[-3:] == ["-e", "-a.b(", str(tmp_path)]
    assert {"--no-config", "--smart-case"} <= set(text) & set(regex)
