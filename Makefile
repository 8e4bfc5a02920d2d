# The developer's whole interface. `make demo` and `make test` set up a fresh Debian or Ubuntu with Swift 6.3 by themselves.

SWIFT    ?= swift
PREFIX   ?= /usr/local
DESTDIR  ?=
MODULES  := primes mandelbrot wordcount nqueens lucas-lehmer montecarlo zstd grep align matmul
RELEASE  := .build/release
# One set of flags for every debug build, so that `check` and `test` share their work.
DEBUG    := --explicit-target-dependency-import-check error
FORMATTED := Package.swift SDK/Package.swift Fuzz/Package.swift Sources Tests Modules Plugins

.PHONY: all demo test check build modules setup docs docc fmt golden bench bench-churn fuzz install install-apparmor clean help

all: build

help:
	@echo "make demo     set up, build, and run a job over a tracker and four volunteers on this machine"
	@echo "make test     set up, build, and run every test"
	@echo "make check    format lint, import check, warnings as errors, tidy tests"
	@echo "make build    the release build of talkoot, its cell and the sample modules, in $(RELEASE)"
	@echo "make bench    the figures of docs/specification.md, measured here beside other programs"
	@echo "make bench-churn  volunteer processes that are suspended, killed, slow, or lie"
	@echo "make docs     the documentation of the Swift library for module authors, by DocC"
	@echo "make fuzz     what any peer may send and any author publish, under libFuzzer"
	@echo "make install  to PREFIX ($(PREFIX))     make fmt  format the sources     make clean"

# What the build and the tests need from the system; see .ci/setup for the list.
setup:
	@.ci/setup

build: setup
	$(SWIFT) build -c release --product talkoot
	$(SWIFT) build -c release --product talkoot-cell
	$(SWIFT) build -c release --product talkoot-bare
	@$(MAKE) --no-print-directory modules

# The sample modules, built and packed by the product itself, beside it, where it finds them; and the one for `doctor --attack`,
# in a folder of its own so that nobody is offered it for a job.
modules:
	@mkdir -p $(RELEASE)/modules
	@for module in $(MODULES); do \
	    $(RELEASE)/talkoot module pack Modules/$$module --output $(RELEASE)/modules/ || exit 1; \
	done
	@mkdir -p $(RELEASE)/attacks
	@$(RELEASE)/talkoot module pack Modules/hostile --output $(RELEASE)/attacks/

demo: build
	$(RELEASE)/talkoot demo

# A few tests at a time, since many start processes of their own. Those that compute or wait for cells take the threads of all tasks, so
# those whose peers have time-outs run apart from them. A crash ends the run with its message, not in a debugger.
NETWORKED := TalkootPeerTests|TalkootTrackerTests|TalkootVolunteerTests|TalkootCoordinatorTests
test: export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH = 4
test check: export SWIFT_BACKTRACE = enable=no
test: setup
	$(SWIFT) build $(DEBUG) --build-tests
	timeout 1200 $(SWIFT) test $(DEBUG) --skip-build --skip '$(NETWORKED)|CommandTests'
	timeout 1200 $(SWIFT) test $(DEBUG) --skip-build --filter '$(NETWORKED)'
	timeout 1200 $(SWIFT) test $(DEBUG) --skip-build --filter CommandTests

check: setup
	$(SWIFT) format lint --strict --parallel --recursive $(FORMATTED)
	$(SWIFT) build $(DEBUG) --build-tests
	$(SWIFT) test $(DEBUG) --skip-build --filter TidyTests
	@$(MAKE) --no-print-directory docc

# The documentation of the Swift library for authors, without a warning: .build/docs/TalkootModule, for any web server.
docs: setup
	$(SWIFT) build $(DEBUG) --target TalkootModule
	@$(MAKE) --no-print-directory docc

docc:
	@rm -rf .build/docs && mkdir -p .build/docs/symbols
	@$(SWIFT) symbolgraph-extract -module-name TalkootModule -I .build/debug/Modules -I Sources/CTalkoot/include -output-dir .build/docs/symbols \
	    -target $$($(SWIFT)c -print-target-info | sed -n 's/.*"triple": "\(.*\)",/\1/p') -minimum-access-level public
	@docc convert Sources/TalkootModule/TalkootModule.docc --additional-symbol-graph-dir .build/docs/symbols --warnings-as-errors \
	    --fallback-bundle-identifier TalkootModule --output-dir .build/docs/TalkootModule
	@echo "documentation is in .build/docs/TalkootModule"

fmt:
	$(SWIFT) format --in-place --parallel --recursive $(FORMATTED)

# Writes anew what tests compare: the list of system calls and the policy in docs/threat-model.md. Read the change before committing it.
golden:
	$(SWIFT) build $(DEBUG) --build-tests
	TALKOOT_REGENERATE=1 $(SWIFT) test $(DEBUG) --skip-build --filter 'SystemCallSweepTests|PolicyTests|HostileTests'

bench: build
	Benchmarks/run.sh

# 200 volunteer processes that are suspended, killed, slow, or lie; 10 minutes and about 10 GB of memory.
# `make bench-churn CHURN="--volunteers 40 --seconds 120"` for a look.
bench-churn: setup
	$(SWIFT) build $(DEBUG) --product talkoot
	$(SWIFT) build $(DEBUG) --product talkoot-cell
	$(SWIFT) build $(DEBUG) --product talkoot-volunteer-testing
	Benchmarks/churn.py $(CHURN)

# 10^7 executions for each parser, some hours; FUZZ_RUNS=100000 for a look. What is found new goes into Fuzz/Corpora, which `make test`
# reads again; an input that does harm is left in Fuzz as crash-..., to be put there with a failing test first.
FUZZ_RUNS    ?= 10000000
FUZZ_PARSERS ?= sniffing lines frames json
FUZZ_READERS ?= elf archive manifest yaml
FUZZ_FLAGS   := -c release --sanitize=fuzzer --sanitize=address -Xswiftc -enable-testing -Xswiftc -use-ld=lld \
    -Xswiftc -sanitize-coverage=edge,trace-cmp,inline-8bit-counters,pc-table
fuzz: export SWIFT_BACKTRACE = enable=no
fuzz: export ASAN_OPTIONS = detect_leaks=0
fuzz:
	cd Fuzz && $(SWIFT) build $(FUZZ_FLAGS) --product fuzz-protocol
	cd Fuzz && $(SWIFT) build $(FUZZ_FLAGS) --product fuzz-packages
	@cd Fuzz && for parser in $(FUZZ_PARSERS); do ./fuzz.sh fuzz-protocol $$parser $(FUZZ_RUNS) 4096 400 || exit 1; done
	@cd Fuzz && for reader in $(FUZZ_READERS); do ./fuzz.sh fuzz-packages $$reader $(FUZZ_RUNS) 16384 400 || exit 1; done

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/talkoot $(DESTDIR)$(PREFIX)/share/talkoot/modules
	install -d $(DESTDIR)$(PREFIX)/share/talkoot/attacks
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/talkoot/sdk/,include TalkootModule TalkootAsync)
	install -m 755 $(RELEASE)/talkoot $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(RELEASE)/talkoot-cell $(RELEASE)/talkoot-bare $(DESTDIR)$(PREFIX)/libexec/talkoot/
	install -m 644 $(RELEASE)/modules/*.talkoot $(DESTDIR)$(PREFIX)/share/talkoot/modules/
	install -m 644 $(RELEASE)/attacks/*.talkoot $(DESTDIR)$(PREFIX)/share/talkoot/attacks/
	install -m 644 Sources/CTalkoot/include/* $(DESTDIR)$(PREFIX)/share/talkoot/sdk/include/
	install -m 644 Sources/TalkootModule/*.swift $(DESTDIR)$(PREFIX)/share/talkoot/sdk/TalkootModule/
	install -m 644 Sources/TalkootAsync/*.swift $(DESTDIR)$(PREFIX)/share/talkoot/sdk/TalkootAsync/
	@$(MAKE) --no-print-directory install-apparmor

# Where AppArmor knows `userns` (Ubuntu 23.10 and later), cells need its leave for their namespaces; see packaging/apparmor/talkoot.
install-apparmor:
	@if [ -e $(DESTDIR)/etc/apparmor.d/abi/4.0 ]; then \
	    sed 's#/usr/{local/,}{bin#$(PREFIX)/{bin#' packaging/apparmor/talkoot > $(DESTDIR)/etc/apparmor.d/talkoot && \
	    echo "installed $(DESTDIR)/etc/apparmor.d/talkoot"; \
	    if [ -z "$(DESTDIR)" ] && command -v apparmor_parser > /dev/null; then apparmor_parser -r /etc/apparmor.d/talkoot; fi; \
	fi

clean:
	rm -rf .build
