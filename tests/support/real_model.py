"""The real 0.5b model, built once where it is missing."""

from __future__ import annotations

import subprocess
import sys
from functools import cache

from lsp_server.errors import ModelMissing
from lsp_server.modelstore import ModelFolder, models_root, open_folder
from lsp_server.settings import DEFAULT_RECIPE


@cache
def real_model_folder() -> ModelFolder:
    """Return the default recipe's folder; `inglenook model build` makes it first where there is none."""
    path = models_root() / DEFAULT_RECIPE
    try:
        return open_folder(path)
    except ModelMissing:
        subprocess.run([sys.executable, "-m", "lsp_server", "model", "build"], check=True)
        return open_folder(path)
