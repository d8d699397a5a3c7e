# `make run` opens the app, `make test` runs every test; both set up all they need in .venv.

PYTHON ?= $(shell for python in python3.12 python3.11 python3.13 python3 python; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
QUICK := $(addprefix tests/digit_core/,augmentation datasets evaluation files metrics preprocessing recipes/test_aliases.py \
	recipes/test_configuration.py recipes/test_descriptions.py recipes/test_presets.py \
	segmentation synthesis) tests/ui/components tests/test_layering.py \
	$(addprefix --ignore tests/digit_core/,preprocessing/test_images.py datasets/test_typicality.py datasets/test_queries.py segmentation/test_non_numbers.py)

# Where this is set, each of the many processes of a test run would compile the whole project anew.
unexport PYTHONDONTWRITEBYTECODE

# The processes of a test run share the cores: threads of a matrix product that wait for each other would only take turns.
test quick check-long: export OPENBLAS_NUM_THREADS = 1
test quick check-long: export OMP_NUM_THREADS = 1

.PHONY: run test quick check-long lint benchmark clean

run: .venv/run
	$(BIN)/streamlit run Home.py

# Three processes share the tests, a file at a time, in the order of tests/conftest.py: one of them mostly waits, for a browser or a run.
test: .venv/dev
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# The inner loop: what needs no browser, no training, no server and no page.
quick: .venv/dev
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile $(QUICK)

# Soak, crash points, and twenty times as many examples where they are drawn by chance.
check-long: .venv/dev
	DIGIT_EXAMPLES=20 $(BIN)/python -m pytest -m "long or hypothesis" --timeout 1800


lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

benchmark: .venv/dev
	$(BIN)/python benchmarks/answers.py
	$(BIN)/python benchmarks/serving.py
	$(BIN)/python benchmarks/classroom.py
	$(BIN)/python benchmarks/lessons.py
	$(BIN)/python benchmarks/hostile.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python benchmarks/runs.py
	$(BIN)/python benchmarks/models.py
	$(BIN)/python benchmarks/calibration.py
	$(BIN)/python benchmarks/tutorials.py
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
