.DEFAULT_GOAL := help
.PHONY: help run test test-model check screenshots format fuzz sanitize soak bench bench-growth clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Install what is missing, build, and serve on http://127.0.0.1:8080 with a file under data/ and a demo business.
	@scripts/install-libraries libsqlite3-dev libre2-dev zlib1g-dev libpq-dev libyaml-dev
	swift build -c release --product stagekeeper
	@STAGEKEEPER_DEMO=$${STAGEKEEPER_DEMO:-1} exec .build/release/stagekeeper serve

# So many tests at a time: with all at once on two cores, those of real servers wait for each other.
export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH ?= 12

test: ## Install what the tests need, build everything once, and run all tests.
	@scripts/install-libraries libsqlite3-dev libre2-dev zlib1g-dev libpq-dev libyaml-dev python3-venv curl openssl postgresql redis-server chromium fonts-dejavu-core fonts-noto-color-emoji
	scripts/build-tests
	Tests/servers/with swift test --skip-build
	STAGEKEEPER_TEST_STORE=postgres Tests/servers/with swift test --skip-build --filter 'StageServerTests.*(Scenario|Move|Idempotency|Caching)'
	STAGEKEEPER_TEST_STORE=postgres+redis Tests/servers/with swift test --skip-build --filter StageServerTests
	Tests/openapi/run
	Tests/browser/run
	STAGEKEEPER_TEST_STORE=postgres+redis Tests/servers/with Tests/browser/run -m every_store
	Tests/soak/run short

test-model: ## Run the tests that ask a real small language model, which LLM_SERVER serves (some minutes; docs/model-quality.md).
	@scripts/install-libraries libsqlite3-dev libre2-dev zlib1g-dev libpq-dev libyaml-dev python3-venv curl
	Tests/ModelTests/run

check: ## Check the format, the import rules, the tests that the threat model names, and that the last build had no warnings.
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks
	scripts/check-imports
	scripts/check-threats
	scripts/check-warnings

screenshots: ## Take a picture of every page, at both widths, light and dark, into .screenshots/.
	@scripts/install-libraries libsqlite3-dev libre2-dev zlib1g-dev libpq-dev libyaml-dev python3-venv chromium fonts-dejavu-core fonts-noto-color-emoji
	swift build --product stagekeeper
	Tests/browser/screenshots

format: ## Format all Swift files.
	swift format --in-place --recursive Package.swift Sources Tests Benchmarks

fuzz: ## Try bodies, forms, files, messages, templates and answers of all kinds by the million (docs/testing.md; the tests try some hundreds to thousands of each).
	@scripts/install-libraries libsqlite3-dev libre2-dev zlib1g-dev libpq-dev libyaml-dev
	scripts/build-tests
	scripts/fuzz

sanitize: ## Run the tests that the thread and the address sanitizer are for, each built in a folder of its own (docs/testing.md).
	@scripts/install-libraries libsqlite3-dev libre2-dev zlib1g-dev libpq-dev libyaml-dev postgresql redis-server
	scripts/sanitize thread
	scripts/sanitize address

soak: ## Use both deployments for 30 minutes while they are killed, stopped and cut off; nothing may be lost, doubled or grow (Tests/soak/README.md).
	@scripts/install-libraries libsqlite3-dev libre2-dev zlib1g-dev libpq-dev libyaml-dev python3-venv openssl postgresql redis-server
	@[ -n "$$STAGEKEEPER_BIN" ] || swift build -c release --product stagekeeper
	STAGEKEEPER_BIN=$${STAGEKEEPER_BIN:-.build/release/stagekeeper} Tests/soak/run

bench: ## Measure against a bare Hummingbird route, pgbench, redis-benchmark and two Python services; writes Benchmarks/RESULTS.md.
	@scripts/install-libraries libsqlite3-dev libre2-dev zlib1g-dev libpq-dev libyaml-dev python3-venv wrk nghttp2-client postgresql redis-server
	Benchmarks/run

bench-growth: ## The same with a million conversations instead of a hundred thousand.
	@GROWN_CONVERSATIONS=1000000 $(MAKE) bench

clean: ## Remove what was built.
	rm -rf .build .build-*
