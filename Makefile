# What can be done with this project. `make` alone explains it.
#
# Targets build and install what they need; none asks a question but setup and start, which ask for
# the values of a new .env on a terminal.

.DEFAULT_GOAL := help
.PHONY: help setup build run demo test test-api lint bench bench-http bench-download bench-jobs instructions \
	fuzz tsan asan torture docker-test start stop restart logs status health clean backup-db \
	restore-db client symbols

# As in the image: without Swift's libraries beside it a program starts sooner and takes less memory.
release := swift build -c release --static-swift-stdlib
# What benchmarks compare with, and measure by. Not nginx: its package starts a server on port 80.
peers := wrk=wrk h2load=nghttp2-client aria2c=aria2 igzip=isal openssl=openssl python3=python3 \
	python3-venv valgrind=valgrind

help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install packages, create .env (asks for its values on a terminal)
	@./setup.sh

build: ## build the service, the client and the stand-in upstream, optimised
	@./setup.sh --tools
	$(release)

run: build ## build and run the service here, without a container, until Ctrl-C
	exec .build/release/download-service

demo: ## see it work, without a key or an account: request, progress, proven files
	@./setup.sh --tools
	@.make/demo

test: ## build everything and run all tests
	@./setup.sh --tools
	swift build --build-tests
	@# All at once, hundreds of tests would keep two cores from the few that wait for something.
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=4 swift test --skip-build

test-api: ## let schemathesis look for answers that the OpenAPI document does not promise
	@./setup.sh --tools
	swift build
	@Tests/schemathesis/run

lint: ## check the format of all Swift files, and all scripts
	@.make/lint

bench: build ## measure against peers, in one run
	@.make/want $(peers)
	@Tests/Benchmarks/run

bench-http: build ## the HTTP server alone: make bench-http ROWS="get latency"
	@.make/want $(peers)
	@Tests/Benchmarks/bench-http .build/release $(ROWS)

bench-download: build ## downloading alone: make bench-download ROWS="small latency"
	@.make/want $(peers)
	@Tests/Benchmarks/bench-download .build/release $(ROWS)

bench-jobs: build ## jobs alone: make bench-jobs ROWS="list start"
	@.make/want $(peers)
	@Tests/Benchmarks/bench-jobs .build/release $(ROWS)

instructions: ## fail when GET / costs 5 % more instructions than recorded
	@./setup.sh --tools
	$(release) --product download-service
	@.make/instructions

fuzz: ## let libFuzzer attack the HTTP parser: make fuzz SECONDS=600
	@./setup.sh --tools
	@Tests/Fuzz/run $(SECONDS)

tsan: ## run the tests under ThreadSanitizer: make tsan ARGS="--filter HTTPServerTests"
	@./setup.sh --tools
	@.make/sanitize thread $(ARGS)

asan: ## run the tests under AddressSanitizer, leaks included
	@./setup.sh --tools
	@.make/sanitize address $(ARGS)

torture: ## kill the service, cut its power, fail its disk: make torture ROUNDS=200 SEED=1
	@./setup.sh --tools
	@.make/torture $(or $(ROUNDS),200) $(SEED)

docker-test: ## build the image and try it under compose: a job, a restart, the files
	@./setup.sh --tools
	@Tests/container/run

client: build ## run the client: make client ARGS="submit --exchange binance ..."
	@.build/release/download-client $(ARGS)

start: setup ## build the image and start the service with Docker or Podman compose
	@.make/start

stop: ## stop the container and remove it; files and database stay
	@.make/stop

restart: ## start the container anew, with .env as it is now
	@.make/start --as-built

logs: ## follow the container's log
	@.make/container logs -f --tail 100

status: ## show the container
	@.make/container --show

health: ## ask the running container how it is
	@.make/inside download-service healthcheck

backup-db: ## copy the database while the service runs, into backups/
	@.make/backup-db

restore-db: ## bring the newest backup back while the service is stopped: make restore-db FILE=...
	@.make/restore-db $(if $(FILE),"$(FILE)")

symbols: ## what names the addresses of a crash in the image: into symbols/
	@.make/symbols

clean: ## remove what builds left; .env, data, datasets and logs stay
	rm -rf .build .build-* symbols
