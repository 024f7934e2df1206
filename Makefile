# The two commands that matter: `make demo` shows the paper trail working on an
# emulator, `make test` runs every test there is. Both install what they need.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 18,20

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: install
install: node_modules/.installed test/policy/node_modules/.installed .venv/.installed ## Install the CDK CLI, the policy simulator and the emulator

# What the machine has to have besides: DuckDB is linked by a C++ compiler, and a
# browser looks at the report. Debian's packages are installed where root asks.
define require
	@$(1) || { [ -x /usr/bin/apt-get ] && [ "$$(id -u)" = 0 ] || { echo "$(2) is missing; install it, on Debian by: apt-get install $(3)" >&2; exit 1; }; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(3) >/dev/null; }
endef

.PHONY: compiler
compiler:
	$(call require,command -v g++ >/dev/null || command -v clang++ >/dev/null,A C++ compiler,g++)

.PHONY: browser
browser:
	$(call require,command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || [ -d "/Applications/Google Chrome.app" ],Chromium or Chrome,chromium)

node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

test/policy/node_modules/.installed: test/policy/package.json test/policy/package-lock.json
	npm ci --no-audit --no-fund --prefix test/policy
	@touch $@

.venv/.installed: requirements.txt
	python3 -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.PHONY: demo
demo: install ## Deploy dev to an emulator, show the paper trail, take it down (KEEP=1 leaves it)
	@go -C test/e2e build -o ../../.work/demo ./demo
	@.work/demo

.PHONY: audit
audit: compiler ## Build the audit command into .work/audit
	@go -C bin/audit build -o ../../.work/audit .

.PHONY: ask
ask: audit ## Ask a made-up week of records who, what, which and how much, and write the report
	@go run ./test/sample .work/sample
	@for question in who which "cost --by user" "cost --by day"; do \
		echo "\$$ .work/audit $$question --source .work/sample --metrics .work/sample/metrics.json --limit 5"; \
		.work/audit $$question --source .work/sample --metrics .work/sample/metrics.json --limit 5 || [ $$? = 3 ]; \
	done
	@.work/audit report --source .work/sample --metrics .work/sample/metrics.json -o .work/report.html || [ $$? = 3 ]
	@echo "The report: .work/report.html. One call in full: .work/audit show $$(cat .work/sample/request-id) --source .work/sample --trail .work/sample"

# The modules beside the main one whose tests use one core each.
modules := bin/audit.tested test/rules.tested test/importer.tested

.PHONY: test
# Go's test cache does not see what a test runs: the CLI, the compiler, the
# emulator. So nothing is taken from it.
test: compiler browser install lint ## Run every test, end-to-end tests included
	CI=true go test -count=1 ./...
	@$(MAKE) --no-print-directory -j2 $(modules)
# The end-to-end tests mostly wait for the CLI, which waits for the emulator.
	go -C test/e2e test -count=1 -timeout 20m -parallel 4 ./...

.PHONY: $(modules)
$(modules): %.tested:
	go -C $* test -count=1 ./...

.PHONY: lint
lint: ## Check format and vet
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); [ -z "$$unformatted" ] || { echo "gofmt would change:"; echo "$$unformatted"; exit 1; }
	go vet ./...
	for module in bin/audit test/importer test/rules test/e2e examples/assistant; do go -C $$module vet ./...; done

.PHONY: prove
prove: ## Try 200,000 sequences of events and faults on the model of the logging configuration
	go -C constructs/invocationlog/handler/lifecycle test -count=1 -timeout 60m -run TestNoSequenceBreaksTheRules . -sequences=200000

.PHONY: snapshots
snapshots: ## Rewrite the snapshots after an intended change of templates
	UPDATE_SNAPS=always go test ./test/snapshots

.PHONY: dashboard
dashboard: ## Draw the dashboard with a made-up week of data, for the docs and for a browser
	@go run ./test/dashboard

.PHONY: bench
bench: install test/bench/alternatives/node_modules/.installed ## Measure synthesis, and the function against the usual alternatives
	@go run ./test/bench

.PHONY: bench-audit
bench-audit: audit .work/bench-audit/venv/.installed ## Measure the questions on a million records, against DuckDB's CLI, jq and gzip
	$(call require,command -v jq >/dev/null,jq,jq)
	@go run ./test/bench/audit

.work/bench-audit/venv/.installed: test/bench/audit/requirements.txt
	python3 -m venv .work/bench-audit/venv
	.work/bench-audit/venv/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

test/bench/alternatives/node_modules/.installed: test/bench/alternatives/package.json test/bench/alternatives/package-lock.json
	npm ci --no-audit --no-fund --prefix test/bench/alternatives
	@touch $@
