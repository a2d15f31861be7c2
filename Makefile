# intakebot. `make run` and `make test` are the two that matter; both work on a machine with Python and nothing else.
# PY names the Python to begin with, V the folder that everything is installed in, ARGS goes to pytest.

PY ?= python3
V ?= .venv
BIN := $(V)/bin
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup dev run test check format lock upgrade

help:  ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

setup:  ## install what the program needs
	@$(PY) .ci/setup_venv.py $(V) run

dev:  ## install what the tests and checks need too
	@$(PY) .ci/setup_venv.py $(V) dev

run: setup  ## start with the sample region, and print where to look
	$(BIN)/python -m intakebot serve --sample
