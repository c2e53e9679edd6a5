# Makefile -- a thin face over CMake and scripts/. Options: PG_CONFIG=..., BUILD=folder, JOBS=n,
# DESTDIR=... for install, ONLY=part-of-a-file-name for test.

export PG_CONFIG BUILD JOBS DESTDIR ONLY

build:  ## engine, module, install script and tests
	@scripts/build.sh

setup:  ## install what is missing on a Debian machine
	@scripts/setup.sh

demo: setup  ## the demo, in a private cluster that is removed afterwards
	@scripts/demo.sh

psql: setup  ## psql in a private cluster with the extension and the demo's models
	@scripts/psql.sh

test: setup  ## every test; the last line counts them
	@scripts/test.sh

sanitize: setup  ## engine tests and a server smoke test under AddressSanitizer and UBSan
	@scripts/test.sh sanitize

bench: setup  ## the benchmarks, printed as ratios
	@scripts/bench.sh

lint: build  ## the rules a machine can check
	@scripts/test.sh lint

tidy: build  ## clang-tidy: names and common mistakes
	@scripts/tidy.sh

install: build  ## into the server of PG_CONFIG; respects DESTDIR
	@cmake --install $(or $(BUILD),build)

sql: build  ## refresh extension/pg_simulate--<version>.sql from sql/
	@cmake --build $(or $(BUILD),build) --target sql

format:  ## apply .clang-format
	@scripts/format.sh apply

format-check:  ## say which files .clang-format would change
	@scripts/format.sh check

headers-check:  ## compile the module's sources against every server's headers found
	@scripts/headers_check.sh

clean:  ## remove what was built
	@rm -rf $(or $(BUILD),build)

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

.PHONY: build setup demo psql test sanitize bench lint tidy install sql format format-check \
	headers-check clean help
