# Every target sets up .venv by itself; nothing outside this folder is touched.
.DEFAULT_GOAL := help
.PHONY: help demo test app bench check lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONUTF8 := 1
export MLFLOW_DISABLE_TELEMETRY := true

help:  ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 以上 / Python 3.11 or newer is needed: make PYTHON=python3.12 demo"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(VENV)/.core: $(BIN)/uv requirements.lock pyproject.toml
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.core requirements-dev.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.core  ## a raw delivery becomes explained decisions
	$(BIN)/certloan demo

app: $(VENV)/.core  ## open the app on the demo warehouse (loopback only)
	$(BIN)/certloan app --demo

test: $(VENV)/.dev  ## every test, the doctests among them
	$(BIN)/python -m pytest -n 2 --dist worksteal

check: $(VENV)/.dev  ## lint, types, layers, texts complete in both languages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/house

$(VENV)/.bench: $(VENV)/.dev requirements-bench.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements-bench.lock
	@touch $@

bench: $(VENV)/.bench  ## speed and memory, as ratios against peers in the same run
	$(BIN)/python -m benchmarks

lock: $(BIN)/uv  ## renew the lock files (hashes, no addresses)
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --extra dev --extra spark pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11 --extra dev --extra spark --extra bench pyproject.toml -o requirements-bench.lock

clean:  ## remove what runs have written, keep the committed model
	rm -rf data/warehouse.duckdb data/quarantine data/decisions data/demo mlruns/mlflow.db mlruns/artifacts
