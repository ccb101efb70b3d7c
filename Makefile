# Needs a bare Debian machine (or any other with make) and Python 3.11 or newer: .venv is made here.

.PHONY: help demo test lint types test-core test-viewer test-pyqt5 test-pyqt6 coverage test-lowest fuzz bench docs pictures system clean
.DEFAULT_GOAL := help

export PYTHON TORCH
export PIP_ROOT_USER_ACTION := ignore
BIN := .venv/bin
DEV := .venv/dev.installed

help:  ## this list
	@awk -F ':.*  ## ' '/  ## / && !/awk/ { printf "  make %-23s %s\n", $$1, $$2 }' Makefile
	@echo 'Variables: PYTHON=python3.12 (the interpreter), TORCH="torch==2.13.0" (what pip installs as torch)'

demo: .venv/all.installed system  ## the plugin in a napari window, segmenting an illusory square and its control
	@sh scripts/demo.sh

test: lint types docs test-core test-viewer  ## everything that must hold before a change goes in

bench: $(DEV)  ## speed, as ratios to the plain pipeline
	@set -e; for file in benchmarks/[a-z]*.py; do echo "== $$file"; $(BIN)/python "$$file"; done

docs: .venv/docs.installed  ## the user's pages, into site/; fails on warnings and broken links
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

pictures: $(DEV) system  ## everything in docs/ that scripts make: pictures, tutorials, gallery, widgets
	$(BIN)/python docs/make_stimuli_pictures.py
	$(BIN)/python docs/make_readme_picture.py
	$(BIN)/python docs/make_method_pictures.py
	$(BIN)/python docs/make_dwc_pictures.py
	$(BIN)/python docs/make_iic_pictures.py
	$(BIN)/python docs/make_models_pictures.py
	$(BIN)/python docs/make_tutorials.py
	$(XVFB) docs/make_pictures.py
	$(XVFB) docs/make_widgets_page.py
	$(XVFB) docs/make_gallery.py --examples

lint: $(DEV)  ## ruff
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV)  ## mypy
	$(BIN)/mypy

# Two processes with one thread each use two cores better than one process with two threads.
ONE_THREAD := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 NUMBA_NUM_THREADS=1
XVFB := sh scripts/under_xvfb.sh $(BIN)/python
PYTEST := $(ONE_THREAD) sh scripts/under_xvfb.sh $(BIN)/python -m pytest --durations=10

test-core: $(DEV) system  ## the tests below the viewer, and their branch coverage
	$(PYTEST) -n 2 --dist worksteal --ignore=tests/viewer --cov --cov-branch --cov-report=
	@echo "Branch coverage of the core: $$($(BIN)/coverage report --format=total) %"

test-viewer: $(DEV) system  ## the viewer's tests on both Qt bindings at once, each on one core
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target test-pyqt5 test-pyqt6

test-pyqt5 test-pyqt6: test-%: $(DEV) system  ## the viewer's tests on that binding
	QT_API=$* PYTEST_QT_API=$* $(PYTEST) tests/viewer

coverage: test-core  ## the lines and branches of the core that no test runs
	$(BIN)/coverage report --skip-covered --show-missing

test-lowest: system  ## the core's quick tests in .venv-lowest, with the lowest versions allowed
	@VENV=.venv-lowest sh scripts/make_venv.sh distributed,pyqt5,stimupy,test,umap
	$(ONE_THREAD) sh scripts/under_xvfb.sh .venv-lowest/bin/python -m pytest -n 2 --dist worksteal \
		-W default -m "not slow" --ignore=tests/viewer --ignore=tests/test_documentation.py

fuzz: $(DEV) system  ## damaged files against every loader, others each time: minutes, not seconds
	NAPARI_LNS_FUZZ=1000 $(PYTEST) -n 2 --timeout 3600 tests/test_fuzz.py

system:
	@sh scripts/debian_packages.sh

.venv/%.installed: pyproject.toml scripts/make_venv.sh
	@sh scripts/make_venv.sh $*
	@touch $@

clean:  ## remove what the targets made, .venv included
	rm -rf .venv .venv-lowest build dist site .pytest_cache .mypy_cache .ruff_cache
