# Two commands do everything: `make demo` starts the product, `make test` installs and passes the tests.
# A fresh machine needs python3.11, pip, make and git; nothing else is assumed.
PY ?= python3.11
export UV_CACHE_DIR ?= $(CURDIR)/.tools/cache
UV := .tools/bin/uv
BIN := .venv/bin
export PYTHONPATH := $(CURDIR)
# Compiled modules are kept beside their sources: without them each start takes seconds longer.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test check long format lint types imports schema lock playground clean

help:
	@echo "make demo     install and start the product (PORT=8000, CLEARLINE_HOME=./.clearline)"
	@echo "make test     install and pass every test"
	@echo "make check    what continuous integration runs: format, lint, types, imports, schema, tests"
	@echo "make format   rewrite the sources in the house format"
	@echo "make schema   print the contract into graphql/"
	@echo "make lock     resolve requirements/*.txt again"
	@echo "make clean    remove what the commands above installed and built"

# ---- environments: hash-pinned, private, no host named --------------------------------------------------
.tools/.ok: requirements/uv.txt
	@echo "· installing the installer"
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes --target .tools --upgrade -r $< && touch $@

.venv/.run: .tools/.ok requirements/run.txt
	@echo "· installing what the product runs on"
	@$(UV) venv -q --allow-existing -p $(PY) .venv
	@$(UV) pip install -q --require-hashes -p .venv -r requirements/run.txt
	@touch $@

# The command. -P: a file in the folder where somebody stands is never taken for a module of ours.
$(BIN)/clearline: .venv/.run Makefile
	@printf '%s\n' '#!/bin/sh' 'root=$$(cd "$$(dirname "$$0")/../.." && pwd)' \
		'PYTHONPATH="$$root" exec "$$root/.venv/bin/python" -P -m app "$$@"' > $@
	@chmod +x $@

.venv/.dev: .venv/.run requirements/dev.txt
	@echo "· installing what the tests need"
	@$(UV) pip install -q --require-hashes -p .venv -r requirements/dev.txt && touch $@

# ---- the product ----------------------------------------------------------------------------------------
demo: $(BIN)/clearline playground
	@exec $(BIN)/clearline demo

# Built from npm into static files; without Node the demo starts all the same and says what is missing.
playground:
	@if [ -f web/playground/build.sh ]; then sh web/playground/build.sh; fi

# ---- the tests ------------------------------------------------------------------------------------------
test: .venv/.dev $(BIN)/clearline playground
	@$(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(PYTEST_ARGS)

long: .venv/.dev $(BIN)/clearline
	@CLEARLINE_PROFILE_TESTS=long $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder -m "long or not long" $(PYTEST_ARGS)

check: .venv/.dev lint types imports schema-fresh test

format: .venv/.dev
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: .venv/.dev
	@$(BIN)/ruff format --check . && $(BIN)/ruff check .

types: .venv/.dev
	@$(BIN)/mypy

imports: .venv/.dev
	@$(BIN)/lint-imports

schema: $(BIN)/clearline
	@$(BIN)/clearline schema export

.PHONY: schema-fresh
schema-fresh: $(BIN)/clearline
	@$(BIN)/clearline schema export --check

lock: .tools/.ok
	@$(UV) pip compile -q -p 3.11 --universal pyproject.toml --generate-hashes --no-header --no-annotate -o requirements/run.txt --upgrade
	@$(UV) pip compile -q -p 3.11 --universal --group dev -c requirements/run.txt --generate-hashes --no-header --no-annotate -o requirements/dev.txt --upgrade

clean:
	@rm -rf .tools .venv .clearline web/playground/dist web/playground/node_modules .mypy_cache .ruff_cache .pytest_cache
