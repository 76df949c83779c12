# One command each: `make ask`, `make test`, `make lint`, `make bench`, `make bench-code`, `make bench-model`,
# `make client`, `make vsix`, `make vscode`, `make test-vscode`, `make generate`, `make lock`, `make clean`.
# Needs Python 3.11 or newer with its venv module; everything else is brought. Plain enough for macOS's make 3.81.

PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	command -v $$name >/dev/null 2>&1 && echo $$name && break; done)
UV     ?= uv
VENV   := .venv
PY     := $(VENV)/bin/python
READY  := $(VENV)/.ready

# The VS Code extension; its Node.js comes with the environment.
CLIENT        := client-vscode
CLIENT_READY  := $(CLIENT)/node_modules/.ready
CLIENT_LOCK   := $(CLIENT)/requirements.lock
NPM           := cd $(CLIENT) && ./with-node npm
VSCODE_TESTS  := cd tests/vscode && ../../$(CLIENT)/with-node npm run lint && ../../$(CLIENT)/with-node npm test
VERSION       := $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
VSIX          := $(CLIENT)/inglenook-$(VERSION).vsix
VSIX_MOST_MB  := 15

# `value` keeps a dollar sign of the question from being read as a variable of make.
override Q := $(value Q)
override W := $(value W)
export Q W

.DEFAULT_GOAL := help
.PHONY: help ask test lint bench bench-code bench-model client vsix vscode test-vscode generate lock model clean

help:
	@echo 'make ask [Q="a question"] [W=path/to/workspace]   ask a codebase; the first run prepares everything'
	@echo 'make test                                         run every check and every test'
	@echo 'make lint                                         ruff and pyright; tsc, eslint and prettier'
	@echo 'make bench                                        measure the model, and write the table'
	@echo 'make bench-code                                   measure index, search and hover likewise'
	@echo 'make bench-model [ONLY="--limit 4"]               measure whole answers of every form of the model'
	@echo 'make client                                       bundle the VS Code extension'
	@echo 'make vsix                                         build the file that VS Code installs'
	@echo 'make vscode [W=path/to/workspace]                  open VS Code with the extension in a browser'
	@echo 'make test-vscode                                  run the extension in a real VS Code'
	@echo 'make generate                                     write every copy of settings and messages again'
	@echo 'make lock                                         pin the dependencies again (needs uv)'
	@echo 'make clean                                        remove the environment and the caches'

ask: model
	@$(VENV)/bin/inglenook ask --workspace="$${W:-.}" -- "$${Q:-Which classes inherit from InglenookError?}"

# What the last tests need is looked for first: they come after a quarter of an hour.
test: lint model vsix
	tests/vscode/prepare.sh
	$(PY) -m pytest
	$(NPM) test
	$(VSCODE_TESTS)

lint: $(READY) $(CLIENT_READY)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m pyright
	$(NPM) run lint

bench: model
	$(PY) -m models.bench

bench-code: model
	$(PY) -m models.bench.code

bench-model: $(READY)
	$(PY) -m models.bench.model $(ONLY)

client: $(CLIENT_READY)
	$(NPM) run build:production

# The VSIX carries what it needs to install the server: its wheel, and the pinned hashes of everything below it.
vsix: client
	rm -rf $(CLIENT)/server
	$(PY) -m hatchling build --target wheel --directory $(CURDIR)/$(CLIENT)/server
	cp $(CLIENT_LOCK) $(CLIENT)/server/
	cp LICENSE CHANGELOG.md $(CLIENT)/
	$(NPM) run package -- --out inglenook-$(VERSION).vsix
	@test `wc -c <$(VSIX)` -lt $(VSIX_MOST_MB)000000 || { echo '$(VSIX) exceeds $(VSIX_MOST_MB) MB.'; exit 1; }

# The workspace is a copy of a sample where W names none.
vscode: vsix model
	@tests/vscode/prepare.sh
	@$(CLIENT)/with-node node tests/vscode/open.ts "$${W}"

test-vscode: vsix model
	tests/vscode/prepare.sh
	$(VSCODE_TESTS)

generate: $(READY)
	$(PY) $(CLIENT)/generate.py

# Instant where the model stands; the path that it prints is of no use here.
model: $(READY)
	@$(VENV)/bin/inglenook model build >/dev/null

# --no-annotate and --no-header keep out what differs between machines; versions that still fit are kept. The third
# form of the lock knows how large each download is, for the question that set-up asks.
lock: $(READY)
	@command -v $(UV) >/dev/null 2>&1 || { echo 'make lock needs uv: https://docs.astral.sh/uv'; exit 1; }
	$(UV) pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-annotate --quiet $(UPGRADE) -o requirements.lock
	$(UV) pip compile pyproject.toml --constraints requirements.lock --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --quiet -o $(CLIENT_LOCK)
	@if grep -n '://' requirements.lock $(CLIENT_LOCK); then echo 'A lock names a host; it must not.'; exit 1; fi
	@mkdir -p build
	$(UV) pip compile pyproject.toml --constraints $(CLIENT_LOCK) --universal --python-version 3.11 \
		--no-header --no-annotate --quiet -o build/pylock.toml
	PYTHONPATH=. $(PY) $(CLIENT)/generate_downloads.py build/pylock.toml

$(CLIENT_READY): $(READY) $(CLIENT)/package-lock.json
	$(NPM) ci --loglevel=error
	@touch $@

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
	rm -rf tests/vscode/node_modules tests/vscode/artefacts
	rm -rf $(CLIENT)/node_modules $(CLIENT)/dist $(CLIENT)/server $(CLIENT)/*.vsix $(CLIENT)/LICENSE $(CLIENT)/CHANGELOG.md
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo 'Models stay; `inglenook model remove --recipe NAME` deletes one.'
