# The README's two commands, and the steps of the second one by name.
PYTHON ?= python3
BIN := $(or $(ZHFIX_VENV),.venv)/bin

.PHONY: demo test fast lint types

demo:
	$(PYTHON) tools/dev.py demo

test:
	$(PYTHON) tools/dev.py test

fast:
	$(PYTHON) tools/dev.py test --fast

lint:
	$(BIN)/ruff check . && $(BIN)/ruff format --check .

types:
	$(BIN)/mypy
