.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PYTEST_OPTIONS := -q -n auto --maxprocesses 4 --dist loadgroup
PYTEST := $(BIN)/python -m pytest $(PYTEST_OPTIONS)

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

setup: $(VENV)/.done ## Make .venv with everything, hashes checked (one to three minutes the first time)

$(VENV)/.done: requirements.lock requirements-model.lock requirements-uv.lock pyproject.toml scripts/setup.sh
	PYTHON=$(PYTHON) bash scripts/setup.sh

demo: setup ## Start everything and send three real requests; ONCE=1 ends with the outcome
	$(BIN)/python scripts/demo.py $(if $(ONCE),--once)

test: setup ## Set up, check, and run the tests that each change has to pass
	$(MAKE) --no-print-directory --jobs 2 test-tools check
	SLUIS_ONE_DATABASE=1 $(PYTEST) --no-loadscope-reorder -rs -m "not nightly"

test-all: setup ## The same and the nightly tests, on both databases (more than an hour)
	$(MAKE) --no-print-directory --jobs 2 test-tools check
	$(PYTEST) --no-loadscope-reorder -rs

unit: setup ## Unit tests only, with fewer examples (under a minute on two cores)
	SLUIS_QUICK=1 $(PYTEST) tests/unit

test-one: setup ## One file or one test: make test-one T=tests/unit/test_metering.py::test_name
	$(if $(T),,$(error Name a file or a test: make test-one T=tests/unit/test_metering.py::test_name))
	$(BIN)/python -m pytest -q -rs $(T)

coverage: setup ## Coverage of unit, policy and architecture tests, as a report of what they miss
	$(BIN)/coverage erase
	SLUIS_QUICK=1 $(BIN)/coverage run -m pytest $(PYTEST_OPTIONS) tests/unit tests/policies tests/architecture
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --skip-covered --skip-empty --sort miss

system-packages: ## Install Debian packages for the tests (root only; SLUIS_NO_SYSTEM_PACKAGES=1 skips)
	bash scripts/system-packages.sh

test-tools: system-packages ## Fetch helm and an independent log verifier for the tests, hashes checked
	bash scripts/test-tools.sh

check: setup ## Lint, format, types, imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pre-commit: setup ## Install git hooks: lint, format and imports before a commit, and the form of its message
	$(BIN)/python -m pip --disable-pip-version-check --quiet install --no-deps --require-hashes -r requirements-pre-commit.lock
	$(BIN)/pre-commit install

costs: setup ## Count what each standard request costs anew (tests/cost/costs.yaml)
	SLUIS_WRITE_COSTS=1 $(BIN)/python -m pytest -q -n 0 tests/cost

screenshots: setup ## Draw the pictures of docs/console.md anew
	mkdir -p docs/images/console
	SLUIS_SCREENSHOTS=$(CURDIR)/docs/images/console $(BIN)/python -m pytest -q -n 0 -k "each_page and en" tests/e2e/console/test_accessibility.py

bench: setup ## Compare with peers; see docs/performance.md (needs the bench kit beside the checkout)
	bash scripts/bench.sh

campaign: setup ## The long versions of what the suite runs short
	SLUIS_CAMPAIGN=1 $(BIN)/python -m pytest -q --timeout 3600 --durations 5 tests/e2e/test_crashes.py tests/e2e/test_replicas.py tests/e2e/test_nobody_alone.py tests/integration/api tests/integration/evidence tests/integration/governance tests/integration/privacy tests/security tests/fuzz tests/campaign tests/agents tests/sdks tests/image

image: ## The image of gateway, control plane and console as an OCI archive in dist/ (Debian, root)
	bash scripts/image.sh gateway

image-worker: ## The image of the model worker, with torch, in the same way
	bash scripts/image.sh worker

release: setup ## The wheel, checksums and signed provenance in dist/: make release BUILDER=uri KEY=release.pem
	$(if $(BUILDER),,$(error Name who builds: make release BUILDER=uri KEY=release.pem))
	$(BIN)/python -m hatchling build --target wheel --directory dist
	$(BIN)/python scripts/release.py dist --builder "$(BUILDER)" $(if $(KEY),--key "$(KEY)")

lock: ## Write requirements.lock and its subsets anew (needs uv)
	bash scripts/lock.sh

clean: ## Remove what `make` made; the data directory .sluis stays
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis dist

.PHONY: help setup demo test test-all unit test-one coverage system-packages test-tools check format pre-commit bench campaign image image-worker release lock clean
