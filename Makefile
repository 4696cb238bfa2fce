# SPDX-FileCopyrightText: 2026 The casework.cases authors
# SPDX-License-Identifier: GPL-3.0-or-later

# The short way in. Everything that happens is a nox session in noxfile.py; .venv holds nox, .build all the rest.

PYTHONS := python3.11 python3.12 python3.13 python3
NOX := .venv/bin/nox
TAGS := test
SUITABLE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))

.PHONY: demo demo-events test bench docs lint matrix release clean

demo docs lint matrix: $(NOX)
	@$(NOX) --session $@

# What follows "make bench --" is meant for the session: it is no target.
ifeq (bench,$(firstword $(MAKECMDGOALS)))
BENCH_OPTIONS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
$(foreach option,$(BENCH_OPTIONS),$(eval $(option):;@:))
endif

bench: $(NOX)
	@$(NOX) --session bench -- $(foreach option,$(BENCH_OPTIONS),'$(option)')

demo-events: $(NOX)
	@$(NOX) --session demo_events

test: $(NOX)
	@rm -rf .build/results
	@$(NOX) --tags $(TAGS); .venv/bin/python tests/rig/report.py .build/results $$?

# Publishes the version TAG; see CONTRIBUTING.md.
release: $(NOX)
	@$(NOX) --session release -- $(TAG)

clean:
	rm -rf .build .venv

$(NOX):
	@for candidate in $(PYTHONS); do \
	    if "$$candidate" -c '$(SUITABLE)' 2> /dev/null; then \
	        echo "Creating .venv with $$("$$candidate" --version)"; \
	        "$$candidate" -m venv .venv && .venv/bin/python -m pip install -qq nox uv; \
	        exit; \
	    fi; \
	done; \
	echo "Python 3.11, 3.12 or 3.13 with its venv module is needed, and none of $(PYTHONS) is one" \
	    "(on Debian: apt install python3-venv)." >&2; exit 1
