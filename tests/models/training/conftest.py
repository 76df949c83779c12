from __future__ import annotations

import ctypes
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lsp_server.resident.blas import load_blas
from lsp_server.user_folders import HOME_VARIABLE
from models.fetch import BASE_VARIABLE
from models.training.cpu_functions import CpuFunctions
from support.tiny_training import write_base


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what trainings leave below the test's own folder."""
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.delenv(BASE_VARIABLE, raising=False)
    return tmp_path / "home"


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Generator[None]:
    """Let matrices this small be multiplied by one thread: several only wait for each other, on a busy machine long."""
    library = load_blas()
    if library is None:
        yield
        return
    blas = ctypes.CDLL(str(library))
    before = blas.openblas_get_num_threads()
    blas.openblas_set_num_threads(1)
    yield
    blas.openblas_set_num_threads(before)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the tiny base; nothing writes to it."""
    return write_base(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def functions() -> Generator[CpuFunctions]:
    """Return the functions on a pool of two threads."""
    with ThreadPoolExecutor(2) as pool:
        yield CpuFunctions(pool)
