"""`python -m lsp_server.resident`: start the resident process; clients run this, people need not."""

import sys

from lsp_server.resident.entry import mlx_loader, parse, run

if __name__ == "__main__":
    sys.exit(run(parse(sys.argv[1:]), mlx_loader))
