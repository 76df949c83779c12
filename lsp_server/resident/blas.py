"""Linux CPU: a real BLAS before mlx.

The CPU wheel of mlx is linked to the reference BLAS (about 2.5 GFLOP/s). A shared OpenBLAS that is already in the
process's global symbol scope when mlx is first imported takes its place (about 100 GFLOP/s on two cores).
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

from lsp_server.resident.gfortran import load_gfortran
from lsp_server.user_folders import data_root

OFF_VARIABLE = "INGLENOOK_NO_BLAS"
"""Set it to measure the plain wheel."""

_CPU_INFO = Path("/proc/cpuinfo")
_DISTRIBUTION_PATHS = (
    "/usr/lib/x86_64-linux-gnu/libopenblas.so.0",
    "/usr/lib/aarch64-linux-gnu/libopenblas.so.0",
    "/usr/lib64/libopenblas.so.0",
)
_PACKAGE = "cmeel.prefix/lib/libopenblas.so.0"
_PACKAGE_CONFIG = "include/openblas/openblas_config.h"
_CPU_FLAGS = {"AVX2": "avx2", "FMA3": "fma", "AVX512VL": "avx512vl", "AVX512BF16": "avx512_bf16", "SVE": "sve"}
"""What a build may need beyond the least of its architecture: OpenBLAS' names, and those of /proc/cpuinfo."""


def find_blas() -> Path | None:
    """Return the OpenBLAS that would be loaded, the one of the `cmeel-openblas` package first.

    That one is built for one kind of CPU, and would end the process on another; distributions' choose as they run.
    """
    packages = [Path(folder) / _PACKAGE for folder in sys.path if folder]
    candidates = [path for path in packages if path.is_file() and _runs_on(path, _cpu_flags())]
    candidates += [Path(path) for path in _DISTRIBUTION_PATHS]
    return next((path for path in candidates if path.is_file()), None)


def _runs_on(library: Path, flags: frozenset[str]) -> bool:
    """Tell whether a CPU with these flags has what a package's library was built for, by its own account."""
    config = library.parents[1] / _PACKAGE_CONFIG
    words = set(config.read_text().split()) if config.is_file() else set[str]()
    return all(flag in flags for name, flag in _CPU_FLAGS.items() if f"OPENBLAS_HAVE_{name}" in words)


def _cpu_flags() -> frozenset[str]:
    return frozenset(_CPU_INFO.read_text().split()) if _CPU_INFO.is_file() else frozenset()


def needs_blas() -> bool:
    """Whether this machine's mlx would compute on the CPU through the reference BLAS."""
    return sys.platform == "linux" and importlib.util.find_spec("mlx_cuda") is None


def load_blas() -> Path | None:
    """Load OpenBLAS into the global symbol scope; call it before the first `import mlx`.

    Returns the library that now serves, or None where mlx brings its own or none was found.

    Raises:
        RuntimeError: mlx is already imported, so that loading would have no effect.
    """
    if not needs_blas() or os.environ.get(OFF_VARIABLE):
        return None
    library = find_blas()
    if library is None:
        return None
    late = "mlx.core" in sys.modules and str(library.resolve()) not in Path("/proc/self/maps").read_text()
    if not _load(library):
        return None  # nor could it have been before mlx
    if late:
        raise RuntimeError("load_blas() must come before the first import of mlx.")
    return library


def _load(library: Path) -> bool:
    try:
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return _load_with_gfortran(library)
    return True


def _load_with_gfortran(library: Path) -> bool:
    try:
        if not load_gfortran(data_root() / "lib"):
            return False
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    except OSError:
        return False  # slow is better than not at all
    return True
