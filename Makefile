# make demo      convert the reference model, draw held-out prompts, prove that INT8 pictures mean the same
# make test      build and run every test
# make test-tiers  run the kernels of every tier on this CPU and on emulated ones
# make lint      check the formatting, and build with warnings as errors
# make format    format every source file
# make build     build the tool
# make install   install it below PREFIX, DESTDIR before it
# make clean     remove what the others made, but for what is installed

SWIFT ?= swift
PREFIX ?= /usr/local
PACKAGES := libopenblas-dev libpng-dev libzstd-dev
# qemu, and what links programs for Arm.
EMULATION_PACKAGES := qemu-user
ifneq ($(shell uname -m),aarch64)
EMULATION_PACKAGES += gcc-aarch64-linux-gnu libc6-dev-arm64-cross
endif
DEMO_POLICIES := fp16 sana edge
DEMO_PROMPTS := 6
DEMO_REFERENCE = $(firstword $(DEMO_POLICIES))

BUILD := $(SWIFT) build -c release
BIN = $(shell $(BUILD) --show-bin-path)
# Swift's own, if there is one.
CLANG = $(firstword $(wildcard $(dir $(realpath $(shell command -v $(SWIFT))))clang) clang)
C_FILES = $(shell find Sources Tests -name '*.c' -o -name '*.h')

.PHONY: build demo test test-tiers lint format install clean packages

build: packages
	$(BUILD) --product sana-quant

demo: build
	$(BUILD) --product demo-report
	@mkdir -p demo
	@grep -v '^#' calibration/prompts/heldout.txt | head -n $(DEMO_PROMPTS) > demo/prompts.txt
	@for policy in $(DEMO_POLICIES); do \
	    echo "$$policy:" >&2; \
	    $(BIN)/sana-quant convert calibration/reference-model -o demo/$$policy.sanaq --policy $$policy \
	        --overwrite --json > demo/$$policy-pack.json && \
	    $(BIN)/sana-quant generate demo/$$policy.sanaq --prompts demo/prompts.txt -o demo/$$policy.png \
	        --json > demo/$$policy-pictures.json || exit; \
	done
	@for policy in $(filter-out $(DEMO_REFERENCE),$(DEMO_POLICIES)); do \
	    echo "$$policy against $(DEMO_REFERENCE):" >&2; \
	    $(BIN)/sana-quant check demo/$$policy.sanaq --against demo/$(DEMO_REFERENCE).sanaq \
	        --clip calibration/reference-model/clip --prompts demo/prompts.txt \
	        --min-similarity 0.99 --max-score-drop 0.5 --report demo/$$policy-report \
	        --json > demo/$$policy-check.json || exit; \
	done
	@$(BIN)/demo-report demo $(DEMO_POLICIES)

# In release, because SwiftPM compiles C without optimization in debug.
test: test-tiers
	$(SWIFT) test -c release --disable-testable-imports

test-tiers: PACKAGES += $(EMULATION_PACKAGES)
test-tiers: packages
	CLANG=$(CLANG) Tests/TierTests/run

lint: PACKAGES += clang-format
lint: packages
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests
	clang-format --dry-run -Werror $(C_FILES)
	SANA_QUANT_WERROR=1 $(BUILD) --build-tests

format: PACKAGES += clang-format
format: packages
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests
	clang-format -i $(C_FILES)

# Swift's own libraries go into the tool, so that it runs where no Swift is; OpenBLAS, libpng and zstd are the
# system's. Built apart, because the two ways of linking compile differently.
install: BUILD += --scratch-path .build/static --static-swift-stdlib
install: packages
	$(BUILD) --product sana-quant
	install -D -s -m 755 $(BIN)/sana-quant $(DESTDIR)$(PREFIX)/bin/sana-quant

clean:
	rm -rf .build demo

# On Debian and its children, installs what is missing; elsewhere that is the user's.
packages:
	@command -v dpkg-query > /dev/null || exit 0; \
	missing=; \
	for package in $(PACKAGES); do \
	    dpkg-query --show --showformat='$${Status}' $$package 2> /dev/null | grep -q 'ok installed' \
	        || missing="$$missing $$package"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	[ "$$(id -u)" = 0 ] && sudo= || sudo=sudo; \
	$$sudo apt-get update --quiet && \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends $$missing
