# `make run` opens the app, `make test` runs every test; both set up all they need in .venv.

PYTHON ?= $(shell for python in python3.12 python3.11 python3.13 python3 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin

.PHONY: run test lint benchmark clean

run: .venv/run
	$(BIN)/streamlit run Home.py

# The browser has both cores to itself; all else is shared between two processes, a file at a time.
test: .venv/dev
	$(BIN)/python -m pytest tests/browser
	$(BIN)/python -m pytest --ignore tests/browser --numprocesses 2 --dist loadfile

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmark: .venv/dev
	$(BIN)/python benchmarks/answers.py
	$(BIN)/python benchmarks/serving.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python benchmarks/runs.py
	$(BIN)/python benchmarks/models.py
	$(BIN)/python benchmarks/handwriting.py
	$(BIN)/python benchmarks/training.py

clean:
	rm -rf .venv var .pytest_cache .mypy_cache .ruff_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed: install one, or name it with make PYTHON=..."; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/dev: requirements-dev.txt .venv/run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@
