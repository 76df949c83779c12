"""What is tested where mlx computes on a Linux CPU alone."""

import pytest

from lsp_server.resident.blas import needs_blas

on_linux_cpu = pytest.mark.skipif(not needs_blas(), reason="mlx brings its own BLAS here")
