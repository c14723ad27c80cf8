# `make demo` and `make test` set up everything they need in .venv first.

VENV := .venv
BIN := $(VENV)/bin
PAGE_CHECKS := tools/page_checks
PLATFORM_PAGE := sample_platform/frontend
# PyPI's package of Node, the same one for everybody.
NODE := PATH="$(abspath $(BIN)):$$PATH"

.PHONY: demo platform test wheel-check lint lint-page format samples docs platform-page pictures bench bench-check soak differential lock clean

demo: $(VENV)/runtime.stamp
	$(BIN)/chatreel demo

platform: $(VENV)/platform.stamp
	$(BIN)/chatreel platform

test: lint $(PLATFORM_PAGE)/node_modules/.stamp
	tools/ensure-chromium.sh
	$(BIN)/pytest -n 3 --dist worksteal

wheel-check: $(VENV)/dev.stamp
	$(BIN)/pytest tests/wheel/check_installed.py

lint: $(VENV)/dev.stamp lint-page
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lint-page: $(PAGE_CHECKS)/node_modules/.stamp
	$(NODE) npm --prefix $(PAGE_CHECKS) run --silent types
	$(NODE) npm --prefix $(PAGE_CHECKS) run --silent lint

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

samples: $(VENV)/runtime.stamp
	$(BIN)/python -m tools.record_samples

docs: $(VENV)/runtime.stamp
	$(BIN)/python -m tools.write_docs
	$(BIN)/python -m tools.write_page_types

platform-page: $(PLATFORM_PAGE)/node_modules/.stamp
	cd $(PLATFORM_PAGE) && $(NODE) npm run --silent build

pictures: $(VENV)/dev.stamp
	$(BIN)/python -m tools.take_pictures

bench: $(VENV)/runtime.stamp
	$(BIN)/python -m benchmarks

bench-check: $(VENV)/runtime.stamp
	$(BIN)/python -m benchmarks replay_throughput --check benchmarks/baseline.json

soak: $(VENV)/dev.stamp
	$(BIN)/python -m benchmarks.platform_soak

differential: $(VENV)/dev.stamp
	$(BIN)/python -m tests.replayer.random_traffic 300000

lock: $(VENV)/dev.stamp
	tools/lock.sh

clean:
	rm -rf $(VENV) $(PAGE_CHECKS)/node_modules $(PLATFORM_PAGE)/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/runtime.stamp: requirements/runtime.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/runtime.txt
	$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps -e .
	touch $@

$(VENV)/platform.stamp: requirements/platform.txt $(VENV)/runtime.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/platform.txt
	touch $@

$(PLATFORM_PAGE)/node_modules/.stamp: $(PLATFORM_PAGE)/package-lock.json $(VENV)/dev.stamp
	cd $(PLATFORM_PAGE) && $(NODE) npm ci --silent
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/runtime.stamp
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/dev.txt
	touch $@

$(PAGE_CHECKS)/node_modules/.stamp: $(PAGE_CHECKS)/package-lock.json $(VENV)/dev.stamp
	$(NODE) npm --prefix $(PAGE_CHECKS) ci --silent
	touch $@

$(VENV)/bin/python:
	tools/make-venv.sh $(VENV)
