# `make demo` and `make test` need Python 3.11 or newer, and nothing else: they make .venv themselves.

.DEFAULT_GOAL := help
.PHONY: help demo up test bench check format clean browser broker

VENV := .venv
RUN := $(VENV)/bin
STAMP := $(VENV)/.installed
CODE := dashboard ingest tests manage.py
# Most tests wait for real processes: more of them at once than there are processors is faster.
PARALLEL := -n 6 --dist loadfile
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for candidate in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$candidate -c '$(NEW_ENOUGH)' 2>/dev/null && command -v $$candidate && break; done)

help: ## show this
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST)

$(STAMP): requirements.txt
	@test -n "$(PYTHON)" && "$(PYTHON)" -c '$(NEW_ENOUGH)' || { \
		echo "Falsestart needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3.11"; exit 1; }
	@if command -v uv >/dev/null; then \
		test -x $(RUN)/python || uv venv --quiet --python "$(PYTHON)" $(VENV); \
		uv pip install --quiet --python $(RUN)/python --require-hashes --compile-bytecode -r requirements.txt; \
	else \
		test -x $(RUN)/python || "$(PYTHON)" -m venv $(VENV) || { \
			echo "This Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv"; exit 1; }; \
		$(RUN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: \
			-r requirements.txt; \
	fi
	@touch $@

demo: $(STAMP) ## run the product with a real service whose rollouts race
	@exec $(RUN)/python manage.py up --demo

up: $(STAMP) ## run the product without demo traffic
	@exec $(RUN)/python manage.py up

test: $(STAMP) browser broker ## run every test: on SQLite, and what uses a database on PostgreSQL too
	$(RUN)/python -m pytest -q $(PARALLEL)
	$(RUN)/python -m pytest -q $(PARALLEL) --database postgres

# A browser can only be installed by root from the system's packages; without one those tests skip and say so.
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null \
		&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null; } \
	|| echo "No chromium here, and it cannot be installed: the end-to-end tests will be skipped."

# RabbitMQ likewise, in half a minute; but not where a service manager would start it for good.
broker:
	@test -x /usr/lib/rabbitmq/bin/rabbitmq-server || command -v rabbitmq-server >/dev/null || { \
		test "$$(id -u)" = 0 && test ! -d /run/systemd/system && command -v apt-get >/dev/null \
		&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -qq -y --no-install-recommends rabbitmq-server >/dev/null; } \
	|| echo "No rabbitmq-server here, and it cannot be installed: its test will be skipped."

bench: $(STAMP) ## measure how fast events are accepted, beside the database alone
	$(RUN)/python -m tests.bench

check: export FALSESTART_HOME := $(CURDIR)/$(VENV)/state
check: $(STAMP) ## format, lint, types, import contracts, migrations
	$(RUN)/ruff format --check $(CODE)
	$(RUN)/ruff check $(CODE)
	$(RUN)/mypy $(CODE)
	$(RUN)/lint-imports
	$(RUN)/python manage.py check
	$(RUN)/python manage.py makemigrations --check --dry-run

format: $(STAMP) ## format and fix what can be fixed
	$(RUN)/ruff check --fix $(CODE)
	$(RUN)/ruff format $(CODE)

clean: ## remove the environment and caches; the state in .falsestart stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
