# One command each: `make ask`, `make test`, `make lint`, `make bench`, `make bench-code`, `make bench-model`,
# `make lock`, `make clean`.
# Needs Python 3.11 or newer with its venv module; everything else is brought. Plain enough for macOS's make 3.81.

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	command -v $$name >/dev/null 2>&1 && echo $$name && break; done)
UV     ?= uv
VENV   := .venv
PY     := $(VENV)/bin/python
READY  := $(VENV)/.ready

# `value` keeps a dollar sign of the question from being read as a variable of make.
override Q := $(value Q)
override W := $(value W)
export Q W

.DEFAULT_GOAL := help
.PHONY: help ask test lint bench bench-code bench-model lock model clean

help:
	@echo 'make ask [Q="a question"] [W=path/to/workspace]   ask a codebase; the first run prepares everything'
	@echo 'make test                                         run every check and every test'
	@echo 'make lint                                         ruff and pyright'
	@echo 'make bench                                        measure the model, and write the table'
	@echo 'make bench-code                                   measure index, search and hover likewise'
	@echo 'make bench-model [ONLY="--limit 4"]               measure whole answers of every form of the model'
	@echo 'make lock                                         pin the dependencies again (needs uv)'
	@echo 'make clean                                        remove the environment and the caches'

ask: model
	@$(VENV)/bin/inglenook ask --workspace="$${W:-.}" -- "$${Q:-Which classes inherit from InglenookError?}"

test: lint model
	$(PY) -m pytest

lint: $(READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m pyright

bench: model
	$(PY) -m models.bench

bench-code: model
	$(PY) -m models.bench.code

bench-model: $(READY)
	$(PY) -m models.bench.model $(ONLY)

# Instant where the model stands; the path that it prints is of no use here.
model: $(READY)
	@$(VENV)/bin/inglenook model build >/dev/null

# --no-annotate and --no-header keep out what differs between machines; versions that still fit are kept.
lock:
	@command -v $(UV) >/dev/null 2>&1 || { echo 'make lock needs uv: https://docs.astral.sh/uv'; exit 1; }
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet $(UPGRADE) -o requirements.lock
	@if grep -n '://' requirements.lock; then echo 'requirements.lock names a host; it must not.'; exit 1; fi

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo 'No Python was found. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3'; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo 'Inglenook needs Python 3.11 or newer; $(PYTHON) is none. Name one: make PYTHON=python3.12'; \
		exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo '$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: sudo apt install python3-venv'; \
		exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PY) -m pip --disable-pip-version-check install --require-hashes -r requirements.lock
	$(PY) -m pip --disable-pip-version-check install --no-deps --no-build-isolation -e .
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo 'Models stay; `inglenook model remove --recipe NAME` deletes one.'
