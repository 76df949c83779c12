"""A real BLAS before mlx, on Linux CPUs."""

import json
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from lsp_server.resident import blas as blas_module
from lsp_server.resident import gfortran
from lsp_server.resident.blas import OFF_VARIABLE, find_blas, load_blas
from support.homes import private_home
from support.linux_cpu import on_linux_cpu

LIBRARY = "cmeel.prefix/lib/libopenblas.so.0"
MEASURE = """
import json, time
from lsp_server.resident.blas import load_blas
library = load_blas()
import mlx.core as mx
a = mx.random.normal((512, 512))
mx.eval(a, a @ a)
times = []
for _ in range(10):
    began = time.process_time()
    mx.eval(a @ a)
    times.append(time.process_time() - began)
print(json.dumps([str(library) if library else None, min(times)]))
mx.clear_streams()
"""


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    with private_home(monkeypatch) as made:
        yield made


def package_in(folder: Path) -> Path:
    library = folder / LIBRARY
    library.parent.mkdir(parents=True)
    library.touch()
    return library


def test_the_package_s_library_goes_before_the_system_s(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library of the installed package is found first, then the distribution's, then none."""
    system = home / "libopenblas.so.0"
    system.touch()
    monkeypatch.setattr(sys, "path", ["", str(home / "site")])
    monkeypatch.setattr(blas_module, "_DISTRIBUTION_PATHS", (str(system),))
    assert find_blas() == system
    packaged = package_in(home / "site")
    assert find_blas() == packaged
    packaged.unlink()
    system.unlink()
    assert find_blas() is None


@pytest.mark.parametrize(
    ("built_for", "flags", "runs"),
    [
        ("AVX2 FMA3", "sse4_2 avx avx2 fma", True),
        ("AVX2 FMA3 AVX512VL", "sse4_2 avx avx2 fma", False),
        ("AVX2 FMA3 AVX512VL", "avx2 fma avx512f avx512vl", True),
        ("AVX2 FMA3", "sse4_2 avx", False),
        ("NEON SVE", "fp asimd sve", True),
        ("NEON SVE", "fp asimd", False),
    ],
)
def test_a_library_for_another_cpu_is_passed_over(
    home: Path, monkeypatch: pytest.MonkeyPatch, built_for: str, flags: str, runs: bool
) -> None:
    """A build for instructions that this CPU lacks would kill the process: the distribution's is taken, or none."""
    packaged, system, info = package_in(home / "site"), home / "libopenblas.so.0", home / "cpuinfo"
    config = home / "site/cmeel.prefix/include/openblas/openblas_config.h"
    config.parent.mkdir(parents=True)
    config.write_text("".join(f"#define OPENBLAS_HAVE_{name} 1\n" for name in built_for.split()))
    info.write_text(f"flags\t\t: {flags}\n")
    monkeypatch.setattr(sys, "path", [str(home / "site")])
    monkeypatch.setattr(blas_module, "_CPU_INFO", info)
    monkeypatch.setattr(blas_module, "_DISTRIBUTION_PATHS", (str(system),))
    assert find_blas() == (packaged if runs else None)
    system.touch()
    assert find_blas() == (packaged if runs else system)


@on_linux_cpu
def test_the_installed_library_tells_what_it_was_built_for() -> None:
    """The package keeps its configuration where it is looked for; else nothing would be known of any build."""
    library = next(path for folder in sys.path if (path := Path(folder) / LIBRARY).is_file())
    text = (library.parents[1] / "include/openblas/openblas_config.h").read_text()
    assert "OPENBLAS_HAVE_" in text
    assert "AVX512" not in text, "most x86 laptops lack it"


def test_nothing_is_loaded_where_it_is_switched_off_or_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, another system, or no library each leave mlx as it is."""

    def no() -> bool:
        return False

    def yes() -> bool:
        return True

    monkeypatch.setattr(blas_module, "needs_blas", yes)
    monkeypatch.setenv(OFF_VARIABLE, "1")
    assert load_blas() is None
    monkeypatch.delenv(OFF_VARIABLE)
    monkeypatch.setattr(blas_module, "find_blas", lambda: None)
    assert load_blas() is None
    monkeypatch.setattr(blas_module, "needs_blas", no)
    assert load_blas() is None


def test_a_library_that_cannot_be_loaded_is_no_failure(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slow is better than not at all: a damaged library leaves the plain wheel."""
    damaged = package_in(home)
    monkeypatch.setattr(blas_module, "needs_blas", lambda: True)
    monkeypatch.setattr(blas_module, "find_blas", lambda: damaged)
    monkeypatch.delitem(sys.modules, "mlx.core", raising=False)
    assert load_blas() is None
    monkeypatch.setitem(sys.modules, "mlx.core", sys)
    assert load_blas() is None  # asked again, with mlx there: it would not have served before either


@on_linux_cpu
def test_loading_it_makes_mlx_many_times_faster(home: Path) -> None:
    """The same product of two matrices takes at most a fifth of the processor time that the plain wheel takes."""

    def measured(**environment: str) -> tuple[str | None, float]:
        environment["OPENBLAS_NUM_THREADS"] = "1"  # so that processor time is comparable, however busy the machine is
        done = subprocess.run(
            [sys.executable, "-c", MEASURE], env=os.environ | environment, capture_output=True, text=True, check=True
        )
        library, seconds = json.loads(done.stdout)
        return library, seconds

    assert find_blas() is not None
    plain_library, plain = measured(**{OFF_VARIABLE: "1"})
    library, fast = measured()
    assert plain_library is None
    assert library == str(find_blas())
    assert plain >= 5 * fast


@on_linux_cpu
def test_loading_after_mlx_is_refused() -> None:
    """A library that comes too late would serve nobody, and says so."""
    script = "import mlx.core\nfrom lsp_server.resident.blas import load_blas\nload_blas()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "must come before" in done.stderr


@on_linux_cpu
def test_a_library_behind_a_link_is_known_to_be_loaded(home: Path) -> None:
    """Asked again once mlx is there, as the device report does, a library in a linked folder is the one that serves."""
    library = find_blas()
    assert library is not None
    (home / "linked").symlink_to(library.parents[2])
    script = (
        f"import sys; sys.path.insert(0, {str(home / 'linked')!r})\n"
        "from lsp_server.resident.blas import load_blas\n"
        "first = load_blas(); import mlx.core; print(first, load_blas())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    linked = str(home / "linked" / LIBRARY)
    assert done.stdout.split() == [linked, linked], done.stderr


def test_the_fortran_runtime_is_copied_once_under_its_plain_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy of numpy's gets the name that OpenBLAS asks for; a copy that is there already is loaded as it is."""
    source = home / "numpy.libs" / "libgfortran-a1b2c3.so.5.0.0"
    source.parent.mkdir()
    source.write_bytes(b"ELF\0libgfortran-a1b2c3.so.5.0.0\0rest")
    loaded: list[str] = []

    def cdll(name: str, mode: int) -> None:
        loaded.append(name)

    monkeypatch.setattr(gfortran.ctypes, "CDLL", cdll)
    monkeypatch.setattr(gfortran, "_numpy_libraries", lambda: source.parent)
    cache = home / "data" / "lib"
    assert gfortran.load_gfortran(cache)
    (copy,) = cache.iterdir()
    data = copy.read_bytes()
    assert len(data) == source.stat().st_size
    assert data.startswith(b"ELF\0" + gfortran.PLAIN_NAME)
    assert data.endswith(b"\0rest")
    made = copy.stat()
    assert gfortran.load_gfortran(cache)
    assert (copy.stat().st_ino, copy.stat().st_mtime_ns) == (made.st_ino, made.st_mtime_ns)
    assert loaded == [str(copy), str(copy)]


def test_a_cache_that_cannot_be_written_is_done_without(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runtime is loaded from a copy that is gone afterwards."""
    source = home / "numpy.libs" / "libgfortran-a1b2c3.so.5.0.0"
    source.parent.mkdir()
    source.write_bytes(b"ELF\0libgfortran-a1b2c3.so.5.0.0\0rest")
    loaded: list[Path] = []

    def cdll(name: str, mode: int) -> None:
        assert Path(name).is_file()
        loaded.append(Path(name))

    monkeypatch.setattr(gfortran.ctypes, "CDLL", cdll)
    monkeypatch.setattr(gfortran, "_numpy_libraries", lambda: source.parent)
    (home / "file").touch()
    assert gfortran.load_gfortran(home / "file" / "lib")
    assert [path.exists() for path in loaded] == [False]


def test_without_numpy_s_libraries_there_is_no_runtime(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A numpy of another make is answered with False, not with a failure."""
    monkeypatch.setattr(gfortran, "_numpy_libraries", lambda: None)
    assert not gfortran.load_gfortran(home)
    monkeypatch.setattr(gfortran, "_numpy_libraries", lambda: home)
    assert not gfortran.load_gfortran(home)
