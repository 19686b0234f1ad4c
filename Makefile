# Everything a newcomer needs: `make run` to see it, `make test` to trust it.
# Both install what they need; nothing has to be set up beforehand.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
BUNDLE := src/nightlight/web/static/sealed/files.json

.DEFAULT_GOAL := help
.PHONY: help setup bundle clean-bundle servers lint messages format test nights machines crash power-loss failover channels browser model tla planted mutants plan-vectors run clean

help: ## List what make can do here
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(READY) $(BUNDLE) ## Make .venv with Nightlight and the development tools, from hashed versions, and the pages' scripts

$(READY): requirements.txt requirements-bootstrap.txt pyproject.toml src/nightlight/__init__.py tools/setup.sh
	@PYTHON="$(PYTHON)" tools/setup.sh
	@touch $@

bundle: $(BUNDLE) ## Build the scripts of the sealed plan into the pages (needs node 20 or newer)

$(BUNDLE): frontend/package.json frontend/package-lock.json frontend/build.mjs $(shell find frontend/src frontend/words -type f)
	@cd frontend && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent build

clean-bundle: ## Take the built scripts away; `make bundle` makes the same bytes again
	@rm -rf src/nightlight/web/static/sealed frontend/node_modules

servers: ## Install the real servers the tests talk to, those that are missing (Debian, root)
	@tools/servers.sh

lint: $(READY) $(BUNDLE) ## Check style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/messages.py --check
	@cd frontend && npm run --silent check

messages: $(READY) ## Bring the catalogues of every language up to date
	@$(BIN)/python tools/messages.py

format: $(READY) ## Put the code into its one form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

test: $(READY) ## Check everything: lint, the tests on both databases, made-up nights, the pages in a browser
	@$(MAKE) --no-print-directory -j2 $(BUNDLE) servers
	@$(BIN)/python tools/side_by_side.py

nights: $(READY) ## Live through 5,000 made-up nights (about an hour)
	@$(BIN)/nightlight simulate --seeds 5000

machines: $(READY) servers ## Three machines on one PostgreSQL: cut a cable, take the database away (root; LONG=1 for many times)
	@$(BIN)/python -m tests.machines.cut $(if $(LONG),--rounds 60 --calls 90,--rounds 2)

CAMPAIGN := $(BIN)/python -m tests.campaigns
SERIES := $(CAMPAIGN).series

crash: $(READY) servers ## Kill workers and serve while people call, on both databases; LONG=1: 100,000 and 5,000 times
ifdef LONG
	@$(SERIES) workers-sqlite 50000 .campaigns/workers-sqlite
	@$(SERIES) workers-postgresql 50000 .campaigns/workers-postgresql
	@$(SERIES) serve-sqlite 2500 .campaigns/serve-sqlite
	@$(SERIES) serve-postgresql 2500 .campaigns/serve-postgresql
	@$(SERIES) beginnings 2500 .campaigns/beginnings
else
	@$(CAMPAIGN).workers --database sqlite --kills 200 --calls 200
	@$(CAMPAIGN).workers --database postgresql --kills 200 --calls 200
	@$(CAMPAIGN).crash --database sqlite --kills 20 --calls 200
	@$(CAMPAIGN).crash --database postgresql --kills 20 --calls 200
	@$(CAMPAIGN).beginnings --kills 20
endif

power-loss: $(READY) servers ## Cut the power of SQLite's disk while people call (root); LONG=1: 1,000 times
ifdef LONG
	@$(SERIES) power-loss 1000 .campaigns/power-loss
else
	@$(CAMPAIGN).power_loss --cycles 10
endif

failover: $(READY) servers ## Let PostgreSQL's machine die while people call; PATRONI=1 with Patroni; LONG=1: 1,000 and 100 times
ifneq ($(PATRONI)$(LONG),)
	@tools/servers.sh patroni
endif
ifdef LONG
	@$(SERIES) promotions 1000 .campaigns/promotions
	@$(SERIES) patroni 100 .campaigns/patroni
else
	@$(CAMPAIGN).failover $(if $(PATRONI),--patroni --promotions 2,--promotions 6)
endif

model: $(READY) ## Walk ten million states of small circles (two cores: an hour or two, 5 GB)
	@$(BIN)/python -m nightlight.simulator.model --states 10000000

tla: $(READY) servers ## Check the ladder a second time, written in TLA+, and six mistakes planted in it
	@$(BIN)/python -m tools.tla

planted: $(READY) ## Hunt every fault planted by hand, and print what found it and after how much (half an hour)
	@$(BIN)/python -m nightlight.simulator.planted --by model --by years
	@$(BIN)/python -m tests.simulator.planting
	-@$(BIN)/python -m nightlight.simulator.planted --by nights

mutants: $(READY) ## Hold the tests of the rules and the store against mistakes made by a tool (SAMPLE=200, ALL=1)
	@$(BIN)/python -m tools.mutation --module engine $(if $(ALL),--all,--sample $(or $(SAMPLE),200))
	@$(BIN)/python -m tools.mutation --module store $(if $(ALL),--all,--sample $(or $(SAMPLE),200))

channels: $(READY) servers ## Send by every way and answer by it, through real servers on this machine
	@$(BIN)/python -m tests.servers.trips.main

browser: $(READY) $(BUNDLE) servers ## Check every page in a real browser, also with axe
	@$(BIN)/pytest tests/browser

plan-vectors: $(READY) $(BUNDLE) ## Hold both sides of the sealed plan's format to every published vector
	@cd frontend && npm run --silent vectors
	@$(BIN)/python -m tests.plan.vectors

run: $(READY) $(BUNDLE) ## See it work: a sample circle with sample phones; nothing leaves the machine
	@$(BIN)/nightlight try

clean: ## Remove what tools made; data directories of Nightlight are not touched
	@rm -rf .venv frontend/node_modules src/nightlight/web/static/sealed dist build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +
