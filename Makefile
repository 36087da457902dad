# Everything a person runs here. Slow targets stand at the end.

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
VENV := .venv
RUN := $(VENV)/bin/python

.PHONY: help setup run serve test test-faults test-schema test-docs test-hosts wheel matrix matrix-least load load-webhooks mutants lint docs bench bench-http bench-rows bench-list bench-export bench-bulk bench-sizes lock vendor screenshots clean

help:            ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

# --- set up -------------------------------------------------------------------------------------
$(VENV)/.run-time: requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	test -x $(RUN) || $(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --require-hashes -r requirements.txt
	touch $@

$(VENV)/.engines: requirements-engines.txt $(VENV)/.run-time
	$(RUN) -m pip install --quiet --require-hashes -r requirements-engines.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.engines
	$(RUN) -m pip install --quiet --require-hashes -r requirements-dev.txt
	touch $@

.PHONY: prepare
prepare: $(VENV)/.run-time
	@$(RUN) svportal/first_setup.py
	@if grep -qsE '^(DATABASE_URL|CACHE_URL)=' .env || [ -n "$$DATABASE_URL$$CACHE_URL" ]; then $(MAKE) -s $(VENV)/.engines; fi

setup: prepare   ## Make .venv, .env and the database, with demo data
	@$(RUN) manage.py seed_demo --migrate --base-url http://127.0.0.1:$(PORT)

run: setup       ## The same, then the development server on PORT
	@echo "Open http://127.0.0.1:$(PORT)/ (Ctrl+C ends it)"
	@$(RUN) manage.py runserver --skip-checks 127.0.0.1:$(PORT)

serve: prepare   ## gunicorn with production settings on PORT, WORKERS processes
	$(RUN) manage.py collectstatic --noinput --verbosity 0
	$(RUN) manage.py migrate --verbosity 0
	DEBUG=off ALLOWED_HOSTS=$${ALLOWED_HOSTS:-localhost,127.0.0.1} \
	  $(VENV)/bin/gunicorn svportal.wsgi --bind 127.0.0.1:$(PORT) --workers $(WORKERS) \
	  --no-control-socket --access-logfile -

# --- tests --------------------------------------------------------------------------------------
test: $(VENV)/.dev ## The suite and the browser tests; PYTEST_ARGS="-m 'not browser'" leaves these out
	$(RUN) -m pytest -n 2 --maxschedchunk 4 $(PYTEST_ARGS)

test-faults: $(VENV)/.dev ## Engines that die, hang or refuse to write, with real processes
	$(RUN) -m pytest -q -n 2 tests/faults

test-schema: $(VENV)/.dev ## 200 examples of each API call, held against the OpenAPI schema
	SCHEMA_EXAMPLES=$${SCHEMA_EXAMPLES:-200} $(RUN) -m pytest -q -n 2 tests/candidates/test_external_schema.py

test-docs: $(VENV)/.dev ## Every block of the tutorial and the how-tos, in scratch projects
	$(RUN) -m pytest -q -n 2 tests/docs/run

test-hosts: $(VENV)/.dev ## The wheel in other people's projects, each with an environment of its own
	$(RUN) -m pytest -q -n 2 tests/hosts

load: $(VENV)/.dev ## REQUESTS=10000 after each end of a token: none accepted; 50 programs add for SECONDS=60
	REQUESTS=$${REQUESTS:-10000} SECONDS=$${SECONDS:-60} $(RUN) -m pytest -q tests/load/test_revocation.py tests/load/test_adding.py

load-webhooks: $(VENV)/.dev ## EVENTS=10000 to 20 endpoints, one hanging, one failing, by WORKERS=2: seconds
	EVENTS=$${EVENTS:-10000} WORKERS=$${WORKERS:-2} $(RUN) -m pytest -q -s tests/load/test_webhooks.py

mutants: $(VENV)/.dev ## Mutation tests of the token engine: small faults that some test must notice
	nice -n 15 $(RUN) tests/mutants.py run
	$(RUN) tests/mutants.py results

matrix: $(VENV)/.dev ## tests/apitokens on every Python, Django and database found here; what wasn't is said
	rm -f var/matrix.jsonl
	$(VENV)/bin/nox -t matrix

matrix-least: $(VENV)/.dev ## The oldest and the newest pair, and the oldest dependencies, on all databases
	rm -f var/matrix.jsonl
	$(VENV)/bin/nox -t least -- least

lint: $(VENV)/.dev ## ruff, djade, import-linter, mypy, migrations, docs
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	git ls-files '*.html' | xargs $(VENV)/bin/djade --target-version 5.2 --check
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy
	DJANGO_SETTINGS_MODULE=tests.settings $(RUN) manage.py makemigrations --check --dry-run
	$(VENV)/bin/mkdocs build --strict

.PHONY: messages
messages: $(VENV)/.dev ## Bring the app's Hindi and Arabic in step with its source, and compile them (needs gettext)
	cd apitokens && ../$(RUN) ../manage.py makemessages --locale ar --locale hi --no-location --no-wrap --no-obsolete
	cd apitokens && ../$(RUN) ../manage.py compilemessages --locale ar --locale hi
	@for language in ar hi; do msgattrib --untranslated --no-wrap apitokens/locale/$$language/LC_MESSAGES/django.po; \
	  msgattrib --only-fuzzy --no-wrap apitokens/locale/$$language/LC_MESSAGES/django.po; done

docs: $(VENV)/.dev ## Build docs/ as a site under site/, without a network; a warning is an error
	$(VENV)/bin/mkdocs build --strict

wheel: $(VENV)/.dev ## Build svportal-apitokens, wheel and source archive, into dist/
	$(RUN) -m build --no-isolation --outdir dist

# --- measure: peers live in an environment of their own -------------------------------------------
BENCH := var/bench-venv

$(BENCH)/.ready: benchmarks/requirements.txt $(VENV)/.dev
	$(VENV)/bin/uv venv --quiet --clear --python $(RUN) $(BENCH)
	$(VENV)/bin/uv pip install --quiet --require-hashes --python $(BENCH)/bin/python -r benchmarks/requirements.txt
	touch $@

bench: $(BENCH)/.ready ## Authentication beside the peers; JSON=FILE writes the figures too
	$(BENCH)/bin/python -m benchmarks.authentication $(if $(JSON),--json $(JSON))

.PHONY: bench-counts
bench-counts: $(BENCH)/.ready ## Only queries, writes and cache calls: no times
	$(BENCH)/bin/python -m benchmarks.authentication --query-counts-only

bench-http: $(BENCH)/.ready ## Requests per second behind gunicorn, on PostgreSQL
	$(BENCH)/bin/python -m benchmarks.http $(if $(JSON),--json $(JSON))

bench-rows: $(BENCH)/.ready ## Authentication with 1 and with 1,000,000 tokens
	$(BENCH)/bin/python -m benchmarks.rows $(if $(JSON),--json $(JSON))

bench-export: $(BENCH)/.ready ## Exporting 100,000 cases: seconds and memory
	$(BENCH)/bin/python -m benchmarks.exports $(if $(JSON),--json $(JSON))

bench-sizes: $(BENCH)/.ready ## Bytes a row of each table, on PostgreSQL
	$(BENCH)/bin/python -m benchmarks.sizes $(if $(JSON),--json $(JSON))

bench-list: $(BENCH)/.ready ## The candidates list with 1,000,000 rows
	$(BENCH)/bin/python -m benchmarks.candidates_list $(if $(JSON),--json $(JSON))

bench-bulk: $(VENV)/.dev ## A file of 1,000 candidates, read, checked and written
	$(RUN) -m benchmarks.bulk

# --- upkeep -------------------------------------------------------------------------------------
COMPILE := $(VENV)/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --custom-compile-command "make lock"

lock: $(VENV)/.dev ## Compile each .in to a universal, hashed .txt
	for set in requirements requirements-engines requirements-dev benchmarks/requirements; do \
	  $(COMPILE) --python-version 3.11 $$set.in -o $$set.txt || exit 1; done
	for set in tests/matrix/*.in; do \
	  case $$set in */6.*) lowest=3.12;; *) lowest=3.11;; esac; \
	  $(COMPILE) --no-deps --python-version $$lowest $$set -o $${set%.in}.txt || exit 1; done

screenshots: $(VENV)/.dev ## Take the README's pictures anew
	$(RUN) -m pytest -q tests/browser/screenshots.py

clean:           ## Remove .venv, var/ and dist/ (not .env)
	rm -rf $(VENV) var staticfiles mutants dist site

-include Makefile.vendor
