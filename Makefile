# Everything a person types is here; `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

JDK25 := $(shell hack/find-jdk)
export JAVA_HOME := $(JDK25)
MVN := mvn -B -ntp

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.PHONY: format
format: ## format the sources
	$(MVN) -q spotless:apply

.PHONY: crds
crds: ## write the CRDs in crds/ and in the chart anew from the classes
	$(MVN) -q -pl api test -Dtest=CrdsAreFreshTest -Dcrds.write=true

.PHONY: control-plane
control-plane: ## make the programs of a real Kubernetes ready for the whole-system tests (once: about 10 minutes)
	@hack/control-plane

.PHONY: system-test
system-test: ## run the whole-system tests on a real API server (TESTS=SomeTest for one class)
	assets=$$(hack/control-plane); $(MVN) -q -DskipTests -pl operator,runner -am package; $(MVN) -pl src/test test -Dvantage.kube.assets=$$assets $(if $(TESTS),-Dtest=$(TESTS) -Dsurefire.failIfNoSpecifiedTests=false)

.PHONY: test-summary
test-summary: ## the counts of the last test run over all modules, with what was skipped and why
	@hack/test-summary
