# Evenhand's commands. Each does its own set-up: a virtual environment in .venv from the hash-pinned lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test check nightly docs lock clean

help: ## Show these commands.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements/lock.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Evenhand needs Python 3.11 or later; set PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing Evenhand's dependencies into $(VENV) (once; a few minutes) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/lock.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

demo: $(STAMP) ## Work through a day at the desk and serve it at http://localhost:8000 (ARGS=--no-serve ends after the report).
	@$(BIN)/evenhand demo $(ARGS)

test: check ## All checks and tests (under 15 minutes).
	@$(BIN)/python -m pytest -q -n 2 --dist worksteal $(ARGS)

check: $(STAMP) ## Style, types, import contracts, dependencies.
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/mypy
	@$(BIN)/deptry src

nightly: $(STAMP) ## The long versions: 50 kills, a whole replayed year, benchmarks.
	@EVENHAND_NIGHTLY=1 $(BIN)/python -m pytest -q $(ARGS)
	@$(BIN)/evenhand bench docket --json

docs: $(STAMP) ## Print the reference pages from the tables.
	@$(BIN)/python scripts/print_reference.py

lock: ## Resolve requirements/*.in anew (needs uv on the PATH).
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate requirements/dev.in -o requirements/lock.txt

clean: ## Remove the environment and caches; your data stays.
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
