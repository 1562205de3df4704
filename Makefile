# Two commands for a stranger: `make run` and `make test`. `make help` lists the rest.
PORT ?= 8000
BIND ?= 127.0.0.1
PYTHON ?= python3
VENV := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run demo demo-clean stop-engine test test-fast test-engines check fmt coverage bench screenshots lock watch clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

run: ## install what is missing, find or start an Engine, serve (PORT=8000 BIND=127.0.0.1)
	@$(PYTHON) scripts/run.py --host $(BIND) --port $(PORT)

demo: ## start five small demo containers on the Engine that `make run` uses
	@$(PYTHON) scripts/bootstrap.py --no-frontend
	@$(VENV)/python scripts/demo.py up

demo-clean: ## remove the demo containers, their network, volume and image
	@$(PYTHON) scripts/bootstrap.py --no-frontend
	@$(VENV)/python scripts/demo.py down

stop-engine: ## stop the Engines that `make run`, `make demo` or the tests started
	@$(PYTHON) scripts/engine.py stop var/engine
	@$(PYTHON) scripts/engine.py stop var/test-engine

test: ## everything: unit, real Engine, front end, real Chromium (ARGS="-k logs")
	@$(PYTHON) scripts/test.py $(ARGS)

test-fast: ## what needs neither Engine nor browser
	@$(PYTHON) scripts/test.py --fast $(ARGS)

test-engines: ## the real-Engine tests on Docker 20.10, 26, 28 and Podman (ENGINES="docker-28 podman-sid")
	@$(PYTHON) scripts/test_engines.py $(ENGINES)

check: ## lint, formatting, types, import rules, front-end checks
	@$(PYTHON) scripts/check.py

fmt: ## format Python and front-end sources
	@$(PYTHON) scripts/bootstrap.py --dev
	@$(VENV)/ruff check --fix --quiet . ; $(VENV)/ruff format .
	@node_modules/.bin/biome check --write frontend

coverage: ## record which test sends which parameter of the Engine API; renews docs/coverage.md
	@rm -f tests/coverage.json
	@RECORD_COVERAGE=1 $(PYTHON) scripts/test.py --ignore=tests/browser --ignore=tests/test_coverage.py
	@$(VENV)/python scripts/coverage_page.py

bench: ## measure against the docker CLI and curl; writes benchmarks/results.json
	@$(PYTHON) scripts/bench.py $(ARGS)

screenshots: ## take the pictures of the documentation anew
	@$(PYTHON) scripts/bootstrap.py --dev
	@$(VENV)/python scripts/screenshots.py

watch: ## rebuild the front end on every change
	@$(PYTHON) scripts/bootstrap.py --dev
	@node frontend/build.mjs --watch

lock: ## renew the lock files from pyproject.toml and package.json
	@$(PYTHON) scripts/bootstrap.py --dev
	@$(PYTHON) scripts/lock.py

clean: stop-engine ## remove what was built and installed; your data in var/ stays
	rm -rf .venv node_modules static/dist var/test-engine var/log test-artifacts .pytest_cache .mypy_cache .ruff_cache
