# `make demo` and `make test` need python3 (3.11 or later) with venv, make and git. Everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --constraint constraints.txt
CHECKED := newscrawl tests docs $(wildcard bench)

.PHONY: help demo test replay-tools torture fuzz lint bench docs site dist hooks clean
help:
	@echo "make demo    install, crawl the made-up newspaper into data/, and say what to try"
	@echo "make test    lint, types and every test"
	@echo "make replay-tools   install pywb and wacz, which some tests need"
	@echo "make torture kill the store 200 times and whole crawls 40 times, cut the power 1,200 times,"
	@echo "             stop commands 100 times, fail every write, read every odd value and slow page (an hour)"
	@echo "make fuzz    feed odd input to what reads pages, MINUTES=1 for each of seven parts"
	@echo "make lint    ruff and mypy only"
	@echo "make bench   run the measurements in bench/ (half an hour); with ALL=1 the long ones too: bench/README.md"
	@echo "make docs    write the generated pages of docs/ again"
	@echo "make site    build the documentation site into site/; it stops at a broken link"
	@echo "make dist    build wheel and source distribution into dist/, and check them"
	@echo "make hooks   run ruff and mypy before each commit of this checkout"
	@echo "make clean   remove .venv, .venv-peers, .venv-replay, caches and builds; data/ stays"

demo: $(VENV)/.installed
	@$(BIN)/newscrawl demo

test: lint $(if $(CI),.venv-replay/.installed)
	@$(BIN)/python -m pytest --quiet --numprocesses auto --dist worksteal -r s

torture: $(VENV)/.test-installed
	@NEWSCRAWL_KILLS=full $(BIN)/python -m pytest --quiet --numprocesses auto --dist worksteal \
		tests/crawl/test_crash.py tests/crawl/test_power.py tests/crawl/test_stops.py tests/crawl/test_together.py \
		tests/crawl/test_slow_pages.py tests/extract/test_in_time.py \
		tests/archive/test_rebuild_odd.py tests/cli/test_odd_values.py tests/cli/test_query_everywhere.py

fuzz: $(VENV)/.test-installed
	@$(PIP) --no-build-isolation --editable '.[fuzz]'
	@for target in times addresses json_ld pages site_files words cells; do \
		$(BIN)/python -m tests.support.fuzz $$target --minutes $(or $(MINUTES),1) || exit; done

lint: $(VENV)/.test-installed
	@$(BIN)/ruff check --quiet $(CHECKED)
	@$(BIN)/ruff format --quiet --check $(CHECKED) || { echo "hint: $(BIN)/ruff format $(CHECKED)"; exit 1; }
	@$(BIN)/mypy --no-error-summary

bench: $(VENV)/.test-installed
	@$(MAKE) --no-print-directory .venv-peers/.installed \
		|| echo "newspaper4k and news-please cannot be installed: bench/template.py goes without them"
	@$(BIN)/python bench $(if $(ALL),--all) $(if $(ARCHIVE),--archive $(ARCHIVE))

docs: $(VENV)/.installed
	@$(BIN)/python -m tests.support.docgen docs

site: $(VENV)/.tools-installed
	@$(BIN)/python -m tests.support.doc_site build/pages
	@$(BIN)/zensical build --clean --strict --config-file mkdocs.yml
	@echo "open site/index.html"

# Built from the source distribution, so that a file missing there is missing in the wheel too.
dist: $(VENV)/.tools-installed
	@$(BIN)/validate-pyproject pyproject.toml
	@rm -rf dist
	@$(BIN)/python -m build --quiet --no-isolation --outdir dist
	@$(BIN)/twine --no-color check --strict dist/*
	@$(BIN)/check-wheel-contents dist/*.whl

hooks: $(VENV)/.test-installed $(VENV)/.tools-installed
	@$(BIN)/pre-commit install

# setuptools is installed first and used as it is (--no-build-isolation), so that constraints.txt holds for it too.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "error: newscrawl needs Python 3.11 or later, this is $$($(PYTHON) -V)"; \
			echo "hint: make PYTHON=/path/to/a/later/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
		|| { rm -rf $(VENV); echo "error: $(PYTHON) cannot make a virtual environment"; \
			echo "hint: on Debian, apt install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml constraints.txt
	@echo "installing into $(VENV) (about a minute, once)"
	@$(PIP) setuptools
	@$(PIP) --no-build-isolation --editable '.[web,fast,parquet,dupes]'
	@touch $@

$(VENV)/.test-installed: $(VENV)/.installed
	@echo "installing what the tests need"
	@$(PIP) --no-build-isolation --editable '.[all,test]'
	@touch $@

$(VENV)/.tools-installed: $(VENV)/.installed
	@echo "installing the maintainers' tools"
	@$(PIP) --no-build-isolation --editable '.[web,fast,parquet,dupes,tools]'
	@touch $@

# Only measured against: their needs would hold back our own dependencies.
.venv-peers/.installed: bench/peers.txt
	@echo "installing newspaper4k and news-please into .venv-peers (a minute, once)"
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip --disable-pip-version-check install -qq --constraint bench/peers.txt newspaper4k news-please
	@touch $@

replay-tools: .venv-replay/.installed

# Some tests replay an archive with them. `make test` skips these tests without them, but not under CI=true.
.venv-replay/.installed: tests/replay.txt
	@echo "installing pywb and wacz into .venv-replay (a minute, once)"
	@$(PYTHON) -m venv .venv-replay
	@.venv-replay/bin/python -m pip --disable-pip-version-check install -qq --requirement tests/replay.txt
	@touch $@

clean:
	rm -rf $(VENV) .venv-peers .venv-replay build dist site .cache *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find newscrawl tests -name __pycache__ -prune -exec rm -rf {} +
