# A thin layer over `python3 -m tlbook COMMAND`; without make, type that.
#   make lab                        set up on first use, open the workbook
#   make setup WHEELS=folder        install from a wheel folder, without a network
#   make run ARGS="02 08 --budget quick"
PYTHON ?= python3
TLBOOK := $(PYTHON) -m tlbook
ifdef WHEELS
export TLBOOK_WHEELS := $(WHEELS)
endif

.PHONY: help lab setup check test run bench clean doctor site
.DEFAULT_GOAL := help

help:
	@$(TLBOOK) --help

setup:
	@$(TLBOOK) setup $(addprefix --extras ,$(EXTRAS)) $(ARGS)

lab check test run bench clean doctor site:
	@$(TLBOOK) $@ $(ARGS)
