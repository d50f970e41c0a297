# Two commands do everything on a fresh machine: `make run` and `make test`. Both set up what is missing.
#
# Build output and the web's dependencies lie outside the clone, so that a second clone does not compile RocksDB or fetch packages again. Always the whole workspace: with `-p`, Cargo would
# unite features differently and compile RocksDB once more.

export CACHE ?= $(HOME)/.cache/ticketing
export CARGO_TARGET_DIR ?= $(CACHE)/target
TOOLS := $(CACHE)/tools
DENY_VERSION := 0.20.2
CARGO := cargo --locked
# The program that the black-box tests start.
PROGRAM := TICKETING_BIN=$(abspath bin/ticketing)
WEB_SOURCES := $(shell find web/src web/api web/public web/index.html web/vite.config.ts web/package-lock.json web/scripts/precompress.ts -type f)

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: setup
setup: ## Install what the build needs and the machine lacks
	@scripts/setup

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
	@mkdir -p bin && cp -f $(CARGO_TARGET_DIR)/release/ticketing bin/ticketing.new && mv -f bin/ticketing.new bin/ticketing

.PHONY: run
run: build ## Start the embedded system with a 50,000-seat demo event
	bin/ticketing serve --demo

.PHONY: test
test: setup lint deny build ## Prove it all: format, lints, licences, then every ring of tests against the real program
	$(PROGRAM) $(CARGO) test --release --workspace
	$(MAKE) test-web

.PHONY: test-web
test-web: build ## Prove the web application: lints, types, units, the API's client, budgets, then the stories in Chromium
	@scripts/setup tests
	$(PROGRAM) npm --prefix web test

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

.PHONY: features
features: build ## Only the cucumber features
	$(PROGRAM) $(CARGO) test --release --workspace --test features

.PHONY: bench
bench: build ## Benchmarks; see bench/RESULTS.md
	$(CARGO) bench --workspace --bench seat_finder

.PHONY: fmt
fmt: ## Format the code
	cargo fmt --all
