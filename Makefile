# `make demo` and `make test` set up everything they need in .venv first.

VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint format samples docs pictures bench lock clean

demo: $(VENV)/runtime.stamp
	$(BIN)/chatreel demo

test: lint
	tools/ensure-chromium.sh
	$(BIN)/pytest -n 3 --dist worksteal

lint: $(VENV)/dev.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

samples: $(VENV)/runtime.stamp
	$(BIN)/python -m tools.record_samples

docs: $(VENV)/runtime.stamp
	$(BIN)/python -m tools.write_docs

pictures: $(VENV)/dev.stamp
	$(BIN)/python -m tools.take_pictures

bench: $(VENV)/runtime.stamp
	$(BIN)/python -m benchmarks

lock: $(VENV)/dev.stamp
	tools/lock.sh

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/runtime.stamp: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/runtime.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

$(VENV)/bin/python:
	tools/make-venv.sh $(VENV)
