"""The Fortran runtime that OpenBLAS asks for, on machines that have none.

OpenBLAS wants `libgfortran.so.5`. A bare Linux lacks it, while numpy's wheel carries it under a name of its own.
The dynamic linker matches libraries by the name inside the file, so a copy with the plain name inside serves.
"""

from __future__ import annotations

import ctypes
import importlib.util
import tempfile
from pathlib import Path

PLAIN_NAME = b"libgfortran.so.5\0"


def load_gfortran(cache: Path) -> bool:
    """Load numpy's copy of the runtime under its plain name; `cache` keeps the renamed file.

    Returns whether a runtime is now loaded.
    """
    folder = _numpy_libraries()
    if folder is None:
        return False
    source = next(folder.glob("libgfortran-*.so.5*"), None)
    if source is None:
        return False
    for needed in folder.glob("libquadmath-*.so*"):
        ctypes.CDLL(str(needed), mode=ctypes.RTLD_GLOBAL)
    try:
        ctypes.CDLL(str(_renamed(source, cache)), mode=ctypes.RTLD_GLOBAL)
    except OSError:  # the cache cannot be written; a loaded library needs its file no more
        with tempfile.TemporaryDirectory() as folder:
            ctypes.CDLL(str(_renamed(source, Path(folder))), mode=ctypes.RTLD_GLOBAL)
    return True


def _numpy_libraries() -> Path | None:
    spec = importlib.util.find_spec("numpy")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent.parent / "numpy.libs"
    return folder if folder.is_dir() else None


def _renamed(source: Path, cache: Path) -> Path:
    target = cache / source.name
    if target.is_file() and target.stat().st_size == source.stat().st_size:
        return target
    long_name = source.name.encode() + b"\0"
    data = source.read_bytes().replace(long_name, PLAIN_NAME.ljust(len(long_name), b"\0"))
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=cache, delete=False) as out:
        out.write(data)
    Path(out.name).replace(target)
    return target
