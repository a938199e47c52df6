# Two commands: `make demo` to see it work, `make test` to know it works.
PYTHON ?= python3
BIN := .venv/bin
# uv downloads many files at once, where pip waits for each; pip knows of an index set for it alone.
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt
# torch has no CPU-only build on the public index for every machine: pip takes what serves it.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

LOCK := build/tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --constraints constraints.txt --custom-compile-command "make lock"

.PHONY: demo serve test test-postgresql lint types imports deps bench bench-peers capacity load \
  evaluate train soak attack openapi clients fuzz screens wheel lock sbom clean

demo: .venv/demo
	AIGUILLE_FOLDER=demo $(BIN)/aiguille init
	AIGUILLE_FOLDER=demo $(BIN)/aiguille match --commune Mende --profile association --employees 0 \
	  --limit 3 "Plus personne ne veut reprendre le bureau du club, le président part après vingt ans."
	AIGUILLE_FOLDER=demo $(BIN)/aiguille match --commune Tours --profile tpe --employees 3 \
	  --limit 3 "La facture d’électricité de ma boulangerie a été multipliée par quatre, je ne tiens plus."
	@echo "Pour la page et l’API : AIGUILLE_FOLDER=demo $(BIN)/aiguille serve --port 8000"

serve: .venv/demo
	AIGUILLE_FOLDER=demo $(BIN)/aiguille serve

# A module stays with one worker, and so does what it opened.
test: .venv/test lint types imports deps
	$(BIN)/python -m pytest -n auto --dist loadscope

# The same tests on PostgreSQL alone: every database of theirs is one of a server of their own.
test-postgresql: .venv/test
	AIGUILLE_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n auto --dist loadscope

# What breaks, at length; `make test` breaks a little of each. Figures are of a machine left alone.
soak: .venv/test
	AIGUILLE_SOAK_KILLS=20 AIGUILLE_SOAK_WRITER_KILLS=25 AIGUILLE_SOAK_DAMAGES=40 \
	AIGUILLE_SOAK_WRITES=200 AIGUILLE_SOAK_REMEMBERED=1000000 AIGUILLE_SOAK_SEEN_S=5 \
	AIGUILLE_SOAK_ROWS=1500 $(BIN)/python -m pytest -s \
	  tests/faults tests/service/test_webhooks_killed.py tests/data/test_migrations.py
	AIGUILLE_SEARCH_OFFERS=20000 AIGUILLE_SEARCH_NEEDS=500 $(BIN)/python -m pytest -s \
	  tests/contracts/test_search_index.py

# What an offer and a need cost on this machine: the inputs of docs/capacity.md.
capacity: .venv/test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.bench.capacity

# Ten minutes at 25 requests a second, ten times as many for half a minute, and back: twelve minutes
# of a machine left alone. make load OUT=docs/load keeps a dated page.
load: .venv/test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m tests.bench.load $(shell date +%F) $(if $(OUT),--out $(OUT))

# 10,000 requests that the description allows, 10,000 orders in which people act, and a guided
# minute of each importer. What was found, and when: docs/attacks/.
attack: .venv/attack
	AIGUILLE_FUZZ_CASES=10000 $(BIN)/python -m pytest tests/service/test_fuzz.py -s
	AIGUILLE_CONSENT_PATHS=10000 $(BIN)/python -m pytest tests/service/test_consents.py -s
	for name in $$($(BIN)/python -c "from data.importers import IMPORTERS; print(*IMPORTERS)"); do \
	  $(BIN)/python -m tests.attack_importers $$name 60 || exit 1; done

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/test
	$(BIN)/mypy

imports: .venv/test
	$(BIN)/lint-imports --no-cache

deps: .venv/test
	$(BIN)/deptry . --no-ansi

bench: .venv/test
	OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest tests/bench tests/service/test_gap_pages.py \
	  tests/service/papers --benchmark-only -s

# The same question through other engines: docs/peers/DATE.md and its picture. 20,000 and 100,000
# offers take half an hour on a machine left alone; AIGUILLE_PEERS_OFFERS=20000 with
# AIGUILLE_PEERS_NEEDS=200 takes one of them.
bench-peers: .venv/peers
	$(BIN)/python -m tests.bench.peers $(or $(DATE),$(shell date +%F))

# make evaluate FOLDER=needs-held-out: every figure, the learning curve, and a dated report.
evaluate: .venv/test
	$(BIN)/aiguille report $(FOLDER) --name $(shell date +%F)

# What ships in matching/model/ranker, from the judged needs that ship.
train: .venv/test
	AIGUILLE_FOLDER=demo $(BIN)/aiguille train ranker

# The description of the API, as it is served: docs/openapi.json. On a release, copy it over
# docs/openapi-released.json, from which the tests let nothing be taken away.
openapi: .venv/test
	$(BIN)/python -m tests.openapi

# A typed Python client and TypeScript types, from that description: clients/README.md.
clients: .venv/test
	$(BIN)/python -m tests.clients

# 5,000 requests that the description allows, each answered as it says.
fuzz: .venv/test
	AIGUILLE_FUZZ_CASES=5000 $(BIN)/python -m pytest tests/service/test_fuzz.py -s

# dist/aiguille-*.whl, built by what requirements-build.lock names.
wheel:
	$(PYTHON) -m venv --clear build/wheel
	build/wheel/bin/pip --quiet install --require-hashes -r requirements-build.lock
	build/wheel/bin/pip --quiet wheel --no-deps --no-build-isolation --no-index --wheel-dir dist .

# What is installed to serve, and what builds the wheel, each file by its hash.
lock: build/tools
	$(LOCK) pyproject.toml --extra postgres --extra oidc --output-file requirements.lock
	echo "hatchling==1.33.0" | $(LOCK) - --output-file requirements-build.lock

# build/aiguille.cdx.json: all that is installed to serve, with its licences (CycloneDX).
sbom: build/tools
	$(PYTHON) -m venv --clear --without-pip build/served
	build/tools/bin/uv pip install --quiet --python build/served --require-hashes -r requirements.lock
	build/tools/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	  --output-file build/aiguille.cdx.json build/served

build/tools: deploy/tools.txt
	$(PYTHON) -m venv --clear $@
	$@/bin/pip --quiet install -r $<
	@touch $@

# Pictures of the main pages, on a phone and on a desk.
screens: .venv/test
	$(BIN)/python -m tests.journeys.screens docs/screens

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installation (une minute au plus)…"
	$(PIP) install -c deploy/tools.txt uv
	$(UV) -e . || $(PIP) install -c constraints.txt -e .
	@touch $@

# What uv cannot fetch, pip does after it.
.venv/test: .venv/demo
	-$(UV) -e ".[test,postgres]"
	$(PIP) install -c constraints.txt -e ".[test,postgres,train]"
	@touch $@

.venv/attack: .venv/test
	$(PIP) install -c constraints.txt -e ".[attack]"
	@touch $@

.venv/peers: .venv/test
	$(PIP) install -c constraints.txt -e ".[peers]"
	@touch $@

clean:
	rm -rf .venv build dist demo .mypy_cache .ruff_cache .hypothesis
