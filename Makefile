.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: $(VENV)/.done ## Make .venv with everything, hashes checked (one to three minutes the first time)

$(VENV)/.done: requirements.lock requirements-model.lock requirements-uv.lock pyproject.toml scripts/setup.sh
	PYTHON=$(PYTHON) bash scripts/setup.sh

demo: setup ## Start everything and send three real requests; ONCE=1 ends with the outcome
	$(BIN)/python scripts/demo.py $(if $(ONCE),--once)

test: setup ## Set up and run all tests
	$(MAKE) --no-print-directory --jobs 2 test-tools check
	$(BIN)/python -m pytest -q -n auto --maxprocesses 4 --dist loadgroup --no-loadscope-reorder -rs

test-tools:
	bash scripts/test-tools.sh

check: setup ## Lint, types, imports, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup ## Compare with peers; see docs/performance.md (needs the bench kit beside the checkout)
	bash scripts/bench.sh

campaign: setup ## The long versions of what the suite runs short
	SLUIS_CAMPAIGN=1 $(BIN)/python -m pytest -q --timeout 3600 --durations 5 tests/e2e/test_crashes.py tests/e2e/test_replicas.py tests/integration/evidence tests/integration/privacy/test_detection.py tests/security

lock: ## Write requirements.lock anew (needs uv)
	bash scripts/lock.sh

clean: ## Remove what `make` made; the data directory .sluis stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist

.PHONY: help setup demo test test-tools check format bench campaign lock clean
