# intakebot. `make run` and `make test` are the two that matter; both work on a machine with Python
# and nothing else.
# PY names the Python to begin with, V the folder that everything is installed in, ARGS is what to
# add for pytest, or what to break for `make mutants`; BENCH what to add for `make bench`.

IS_NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
PY ?= $(shell for it in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$it $(IS_NEW_ENOUGH) && echo $$it && break; done)
V ?= .venv
BIN := $(V)/bin
NEEDS_PYTHON = test -n "$(PY)" && $(PY) $(IS_NEW_ENOUGH) || { \
	echo "Python 3.11 or newer is needed. If it has another name, say it: make PY=python3.12 run"; \
	exit 1; }
# What was compiled is kept, whatever the environment says: the tests start some hundred processes.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal
# The rooms of tests that must cover the engine whole, by themselves.
COVERING := core,intake,flows,personas,transcripts

.DEFAULT_GOAL := help
.PHONY: help run test setup dev check format laws faults bench mutants understanding learning screenshots docs lock upgrade

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

run: setup  ## start with the sample region on this machine, and print where to look
	$(BIN)/python -m intakebot serve --sample

test: dev  ## every test, the browser tests too; the engine must be covered whole
	@$(BIN)/python -m tests.chromium
	$(PYTEST) -m "not bench" --cov --cov-report= --cov-in $(COVERING) $(ARGS)
	$(BIN)/python -m coverage report --include='intakebot/core/*,intakebot/intake.py' --fail-under=100

setup:  ## install what the program needs
	@$(NEEDS_PYTHON)
	@$(PY) .ci/setup_venv.py $(V) run

dev:  ## install what the tests and checks need too
	@$(NEEDS_PYTHON)
	@$(PY) .ci/setup_venv.py $(V) dev

check: dev  ## format, lint, types, architecture and house rules, in seconds
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m pytest -q tests/test_tidy.py tests/test_docs.py

format: dev  ## format, and repair what the linter can repair
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

laws: dev  ## look for input that breaks a law, for much longer than `make test` does
	$(PYTEST) -m laws --long $(ARGS)

faults: dev  ## break things on purpose, one after the other, for hours (ARGS="--share 1/5": a fifth)
	$(BIN)/python -m pytest -v -p no:xdist -o faulthandler_timeout=0 -m faults --long $(ARGS)

bench: dev  ## measure how fast turns are taken in, beside stock bots and the floor of this disk
	@$(PY) .ci/setup_venv.py $(V)/run run
	@$(PY) .ci/setup_venv.py $(V)/peers peers
	@$(PY) .ci/setup_grammy.py $(V)/peers/grammy
	$(BIN)/python -m tests.bench --installed $(V)/run/bin/python --peers $(V)/peers/bin/python $(BENCH)
	$(BIN)/python -m pytest -q -m bench tests/bench $(ARGS)

mutants: dev  ## break the engine in every small way, and see whether a test notices (long)
	$(BIN)/python -m tests.mutation $(ARGS)

understanding: dev  ## how much of stories that nobody tuned for is understood, per language
	$(BIN)/python -m tests.understanding $(ARGS)

learning:  ## learn from made-up sentences what people say (tests/understanding/learning)
	@$(PY) .ci/setup_venv.py $(V)/learning learning
	$(V)/learning/bin/python -m tests.understanding.learning

screenshots: dev  ## take the pictures of the README anew, from the running program
	$(BIN)/python -m docs.screenshots

docs: dev  ## write the reference that follows from the code: problem codes and JSON Schemas
	$(BIN)/python -m docs.write

lock: dev  ## write the lock files after a change in pyproject.toml
	.ci/lock

upgrade: dev  ## take newer versions of everything that others make, once they are a week old
	.ci/lock --upgrade
