.DEFAULT_GOAL := help
PYTHON ?= .venv/bin/python
BIN := $(dir $(PYTHON))
T ?= tests
D ?= sqlite

.PHONY: help venv dev test check style types imports templates dependencies instruments fix pictures bench load faults mutants migration

help:          ## Show these commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv:          ## Make .venv with everything for development
	python3 -m venv .venv
	.venv/bin/pip install -c constraints.txt -e '.[dev,oracle,server]'

dev:           ## Fill a demonstration study and run at http://127.0.0.1:8000
	$(BIN)survey demo

test:          ## Run the tests; T=path for some of them
	$(PYTHON) -m pytest $(T)

check: style types imports templates dependencies instruments  ## All static checks; CI runs the tests first, then these
	@echo 'All checks passed.'

style:         ## Style and format of Python
	$(BIN)ruff check .
	$(BIN)ruff format --check .

types:         ## Types, strict
	$(BIN)mypy

imports:       ## Who may import whom
	$(BIN)lint-imports

templates:     ## Templates
	$(BIN)djlint survey/templates --lint --quiet

dependencies:  ## Imports and declared dependencies agree
	$(BIN)deptry .

instruments:   ## Shipped questionnaires: whole, and unchanged since they were published
	$(PYTHON) -m instruments check

fix:           ## Format and repair what can be repaired
	$(BIN)ruff check --fix .
	$(BIN)ruff format .

pictures:      ## Photograph every page and sheet into pictures/
	$(PYTHON) tests/pages/pictures.py

bench:         ## Measure: ratios of one run against the plain way
	$(PYTHON) tests/benchmarks

faults:        ## The long fault tests: kills, restarts, full disks, upgrades under load; about an hour
	$(PYTHON) -m pytest tests/faults -m long --long -n 0 -s

load:          ## Measure: answers at constant rates on a real server, a minute for each load; D=postgresql
	$(PYTHON) tests/load --database $(D) --scenarios L1 L1-news L2 L3 L4 L5 L5-command L6 L9

mutants:       ## Mutation tests of scoring, routing and statistics
	$(BIN)mutmut run

migration:     ## New migration; m="what it does"
	$(PYTHON) -m survey.migrations "$(m)"
