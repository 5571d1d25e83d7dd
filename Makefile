# Evidence Café. `make run` serves, `make test` tests, `make check` is what must pass before anything lands.

PYTHON ?= python3
BIN := .venv/bin


.PHONY: help run doctor test battery check bench format docs welsh pictures samples constraints clean

help: ## Show what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: .venv/for-running ## Set everything up and serve, for the whole network
	$(BIN)/cafe serve --host 0.0.0.0

doctor: .venv/for-running ## Say what is not safe or not reachable here, with the cure
	$(BIN)/cafe doctor --host 0.0.0.0

test: .venv/for-testing ## Set everything up and run the tests
	$(BIN)/python -m pytest

battery: .venv/for-testing ## Faults and attacks at full length, with what they came to (an hour or two)
	BATTERY=long $(BIN)/python -m pytest -m battery --timeout 3600

check: .venv/for-checking ## Format, lint, types, templates, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet cafe/templates
	$(BIN)/python -m pytest

bench: .venv/for-measuring ## Measure a full room on this machine, three times; figures go to bench/results/
	$(BIN)/cafe bench --runs 3 --save full_room

format: .venv/for-checking ## Put the code in its one form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: .venv/for-running ## Write docs/protocol.md anew from the code
	$(BIN)/python -m cafe.reference > docs/protocol.md

welsh: .venv/for-running ## Look for new sentences of the documents and give them a place in cafe/exports/cy.po
	$(BIN)/pybabel --quiet extract -F cafe/exports/sentences.cfg --add-location=file --width 110 -o .venv/sentences.pot .
	$(BIN)/pybabel --quiet update -l cy -i .venv/sentences.pot -o cafe/exports/cy.po \
		--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 110

pictures: .venv/for-testing ## Take the pictures in docs/pictures anew (Chromium, LibreOffice and pdftoppm must be there)
	$(BIN)/python -m tests.browser.pictures

samples: .venv/for-testing ## Write the documents in docs/samples anew, from eight rehearsed cafés
	$(BIN)/python -m cafe.samples docs/samples
	pdftoppm -png -r 60 -f 1 -l 1 -singlefile docs/samples/guide.pdf docs/samples/guide
	pdftoppm -png -r 60 -f 1 -l 1 -singlefile docs/samples/access-24-7-poster.pdf docs/samples/access-24-7-poster

constraints: .venv/for-running ## Choose the newest versions that fit, and pin them
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.11 --all-extras \
		--no-emit-index-url --no-annotate --no-header pyproject.toml -o constraints.txt

clean: ## Remove what was set up (never the data in instance/)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/bin/pip:
	$(PYTHON) -m venv .venv

.venv/for-running: .venv/bin/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[pdf]'
	@touch $@

.venv/for-testing: .venv/bin/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,browser,bench,pdf,server]'
	@touch $@ .venv/for-running

.venv/for-measuring: .venv/bin/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench,pdf]'
	@touch $@ .venv/for-running

.venv/for-checking: .venv/bin/pip pyproject.toml constraints.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,browser,bench,dev,pdf,server]'
	@touch $@ .venv/for-testing .venv/for-running
