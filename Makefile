# Everything a person or a machine does with this repository. `make` alone lists it.
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
SOURCES := shared/src services/poller/src services/customer-resolver/src services/booking-writer/src \
	services/console/src stack/src tests
COMPOSE ?= docker-compose
.DEFAULT_GOAL := help

bootstrap = @$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	"Python 3.11 or newer is needed; name one with: make PYTHON=python3.12")' && \
	PYTHONPATH=stack/src $(PYTHON) -m stack.bootstrap

##@ Use
.PHONY: run
run: ## Run the product on this machine for real shops (state in SCONNECT_HOME, default .sconnect/)
	$(bootstrap) runtime
	@set -a; test ! -f .env || . ./.env; set +a; exec $(BIN)/python -m stack.run

.PHONY: demo
demo: ## See it work with invented shops and administrations (DEMO_EXIT=1 leaves after the overview)
	$(bootstrap) runtime
	@exec $(BIN)/python -m stack.demo $(if $(DEMO_EXIT),--exit)

.PHONY: up
up: ## Run the product with docker compose; DEMO=1 adds both vendors, simulated, and shows what becomes of orders
	@echo 'The first sign-in: when the console runs, in another terminal: $(COMPOSE) exec console sconnect users first'
	@$(if $(DEMO),SCONNECT_ALLOW_LOCAL_APIS=1) $(COMPOSE) $(if $(DEMO),--profile demo) up --build

##@ Solve
.PHONY: dead-letters
dead-letters: ## List what waits for a person (PROFILE=name)
	@$(BIN)/sconnect dead-letters list $(if $(PROFILE),--profile "$(PROFILE)")

.PHONY: replay
replay: ## Offer dead letters again: ID=…, ORDER=…, REASON=CODE, PROFILE=name, ALL=1; CUSTOMER=n, CREATE=1, FROM_SHOP=1, AS_RECEIVED=1, DRY_RUN=1
	@$(BIN)/sconnect dead-letters replay $(ID) $(SELECTED) $(if $(REASON),--reason "$(REASON)") \
		$(if $(CUSTOMER),--customer "$(CUSTOMER)") $(if $(CREATE),--create) $(if $(FROM_SHOP),--from-shop) \
		$(if $(AS_RECEIVED),--as-received) $(if $(UNDO),--undo "$(UNDO)")

.PHONY: discard
discard: ## Put dead letters away: WHY="…" with ID=…, ORDER=…, REASON=CODE, PROFILE=name or ALL=1; DRY_RUN=1
	@$(BIN)/sconnect dead-letters discard $(ID) $(SELECTED) $(if $(REASON),--with-reason "$(REASON)") \
		--reason "$(WHY)"

SELECTED = $(if $(ORDER),--order "$(ORDER)") $(if $(PROFILE),--profile "$(PROFILE)") $(if $(ALL),--all) \
	$(if $(DRY_RUN),--dry-run)

##@ Check
.PHONY: test
test: lint types ## Everything CI asks: style, types, layers and every test that needs no Docker
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not docker and not long"

.PHONY: test-fast
test-fast: bootstrap-dev ## The tests without servers and processes
	@$(BIN)/python -m pytest -q -m "not rabbitmq and not postgres and not browser and not e2e and not docker and not long"

.PHONY: screenshots
screenshots: bootstrap-dev ## Take the pictures of the pages in docs/screenshots anew
	@SCREENSHOTS=docs/screenshots $(BIN)/python -m pytest -q -m browser tests/browser

.PHONY: test-docker
test-docker: bootstrap-dev ## The tests that need a Docker engine (DOCKER_HOST names it)
	@$(BIN)/python -m pytest -m docker

.PHONY: test-long
test-long: bootstrap-dev ## The long property, fault, soak, scale-out and mutation runs; takes hours
	@INVARIANTS=long $(BIN)/python -m pytest -m long --timeout=0
	@PYTHONPATH=tests $(BIN)/python -m mutation.run

.PHONY: test-faults
test-faults: bootstrap-dev ## Kill, cut and fill on purpose; count what is lost or doubled (DATABASE=postgres, ROUNDS=10, SEED=…, ONLY=text)
	@PYTHONPATH=tests $(BIN)/python -m faults.run --database $(or $(DATABASE),sqlite) --rounds $(or $(ROUNDS),1) \
		$(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only "$(ONLY)")

.PHONY: mutation
mutation: bootstrap-dev ## Break the money and booking code on purpose; count what no test notices (goes on where it stopped)
	@PYTHONPATH=tests $(BIN)/python -m mutation.run

.PHONY: random-orders
random-orders: bootstrap-dev ## Book COUNT=2000 random orders in the SnelStart simulator; count what it refuses
	@PYTHONPATH=tests $(BIN)/python -m random_orders $(or $(COUNT),2000)

.PHONY: bench
bench: bootstrap-dev ## Print calls per order, throughput against a bare loop, processor time, scaling, time to the books, memory, replay of 10,000 dead letters
	@for part in figures processor scaling single_orders memory replay; do PYTHONPATH=tests $(BIN)/python -m bench.$$part || exit 1; done

.PHONY: bench-matching
bench-matching: bootstrap-dev ## Measure customer recognition against its goals; an hour, or minutes with SIZE=small
	@PYTHONPATH=tests $(BIN)/python -m bench.matching.run $(if $(SIZE),--size $(SIZE)) \
		$(foreach piece,$(PIECES),--only $(piece))

.PHONY: bench-pages
bench-pages: bootstrap-dev ## Measure the console's pages with 100,000 orders into docs/page-speed.md (BENCH_ORDERS=… only prints)
	@PYTHONPATH=tests $(BIN)/python -m bench.pages

.PHONY: lint
lint: bootstrap-dev ## Style and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

.PHONY: types
types: bootstrap-dev ## Types, strictly
	@$(BIN)/mypy $(SOURCES)

##@ Change
.PHONY: format
format: bootstrap-dev ## Bring the style in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: requirements
requirements: bootstrap-dev ## Pin and hash what requirements/*.in ask for (UPGRADE=1 takes newer releases)
	@for name in runtime dev bench-matching bench-matching-data; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
			--no-emit-index-url --no-emit-find-links --no-config $(if $(UPGRADE),--upgrade) $$(case $$name in *-data) echo --no-deps;; esac) \
			requirements/$$name.in --output-file requirements/$$name.txt || exit 1; \
	done

.PHONY: contracts
contracts: bootstrap-dev ## Write the schemas of the messages and the AsyncAPI document to docs/contracts
	@$(BIN)/python -m sconnect.messaging contracts docs/contracts

.PHONY: bootstrap
bootstrap: ## Prepare this machine for running, without running
	$(bootstrap) runtime

.PHONY: bootstrap-dev
bootstrap-dev: ## Prepare this machine for testing
	$(bootstrap) dev

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
