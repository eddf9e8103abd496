# Everything starts here: `make run`, `make test`. Nothing but Python 3.11+ and make is needed before.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
KEFU := $(BIN)/kefu
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: setup run test lint bench
setup: $(VENV)/.runtime

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kefu needs Python 3.11 or newer; this is $$($(PYTHON) --version). Set PYTHON=... / 需要 Python 3.11 以上"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install --progress-bar on -c constraints.txt -e .
	@touch $@

$(VENV)/.test: $(VENV)/.runtime
	$(PIP) install -q -c constraints.txt -e '.[test,lint]'
	@touch $@

run: setup
	$(KEFU) init
	$(KEFU) serve

test: $(VENV)/.test
	$(BIN)/python -m tests.chromium
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.runtime
	$(BIN)/python -m evals.bench
