# `make run` is all you need to start; docs/contributing.md explains the rest.

PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
ADMIN_TEMPLATES := assets/admin/templates
CLIENT := clients/python
# honcho gives each process its own PORT, but the worker needs the web's: the sandbox answers there.
export WEB_PORT := $(PORT)

.PHONY: run install check test corpus chaos lint format bench bench-uploads bench-library screenshots clean

# What `make run` writes is for its owner alone: the API key, passwords, private assets.
PRIVATE := umask 077 &&

run: install .env  ## set up and start web and worker
	@$(PRIVATE) mkdir -p var && find .env var -maxdepth 1 -exec chmod go-rwx {} +
	@$(PRIVATE) $(BIN)/python manage.py migrate --verbosity 0
	@$(PRIVATE) $(BIN)/python manage.py create_first_account --address http://127.0.0.1:$(PORT)
	@$(PRIVATE) PATH="$(CURDIR)/$(BIN):$$PATH" exec $(BIN)/honcho -e /dev/null start

install: $(VENV)/.installed  ## only install

check: lint  ## lint and the quick tests, on SQLite
	$(BIN)/python -m pytest -n logical -m "not browser and not slow"

test: $(VENV)/.installed-dev  ## all tests, on SQLite, in a browser and on PostgreSQL
	@failed=0; \
	run() { echo "$$*"; "$$@" || failed=1; }; \
	run $(BIN)/python -m pytest -n auto -m "not browser"; \
	run $(BIN)/python -m pytest -n logical --reruns 1 -rR tests/browser tests/engines; \
	run $(BIN)/python -m tests.on_postgres -n auto; \
	exit $$failed

CSV ?= corpus.csv

corpus: install  ## run a folder of any files through receiving and previews: DIR=…, CSV=…
	@test -n "$(DIR)" || { echo "Say which folder: make corpus DIR=~/Pictures"; exit 1; }
	DEBUG=true $(BIN)/python manage.py try_files "$(DIR)" --csv "$(CSV)"

SECONDS ?= 300
SEED ?= 1

# On SQLite, or with DATABASE_URL=postgres://… on that server; RESTART is a command that restarts it.
chaos: $(VENV)/.installed-dev  ## minutes in which everything goes wrong, and nothing may be lost
	$(BIN)/python -m tests.chaos --seconds $(SECONDS) --seed $(SEED) --restart "$(RESTART)"

lint: $(VENV)/.installed-dev  ## ruff, djlint and mypy
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --check --lint --quiet templates
	$(BIN)/djlint --check --lint --quiet --profile django $(ADMIN_TEMPLATES)
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy
	cd clients/python && $(CURDIR)/$(BIN)/mypy

format: $(VENV)/.installed-dev  ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djlint --reformat --quiet templates
	$(BIN)/djlint --reformat --quiet --profile django $(ADMIN_TEMPLATES)

bench: $(VENV)/.installed-bench  ## compare with the official SDK
	$(BIN)/python -m benchmarks.sending
	$(BIN)/python -m benchmarks.worker
	$(BIN)/python -m benchmarks.receiving
	$(BIN)/python -m benchmarks.idle
	$(BIN)/python -m benchmarks.previews

bench-uploads: $(VENV)/.installed-dev  ## a thousand small files, and large ones while everything is killed
	$(BIN)/python -m benchmarks.many_files
	$(BIN)/python -m benchmarks.interruptions

# POSTGRES=postgres:///bench adds PostgreSQL with up to a million assets, on a server where databases may be created.
bench-library: $(VENV)/.installed-bench  ## compare pages and searches with Wagtail
	$(BIN)/python -m benchmarks.library --sizes 10000,100000 --peer-sizes 10000,100000
	$(if $(POSTGRES),$(BIN)/python -m benchmarks.library --postgres $(POSTGRES) --sizes 10000,1000000 --peer-sizes 10000)

screenshots: $(VENV)/.installed-dev  ## take the pictures of the documentation again
	$(BIN)/python -m tests.screenshots

.env:
	$(PRIVATE) cp .env.example .env

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed: make run PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[postgres]"
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(CLIENT)/pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[postgres,dev]" -e "$(CLIENT)[mcp]"
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-bench: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[postgres,bench]"
	@touch $@ $(VENV)/.installed

clean:  ## remove the installation, keep the data in var/
	rm -rf $(VENV) *.egg-info staticfiles
