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

.PHONY: demo
demo: ## show the main job on real models, from nothing to a verdict (KEEP=1 leaves everything running)
	@hack/demo $(if $(KEEP),--keep)

.PHONY: test
test: ## run every test, on a real registry and a real Kubernetes API server
	@hack/test

.PHONY: build
build: ## build everything, without tests
	@hack/prepare >/dev/null

.PHONY: images
images: ## build both container images with docker or buildah, after make build
	@hack/images

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
system-test: ## run only the whole-system tests (TESTS=SomeTest for one class)
	assets=$$(hack/prepare); $(MVN) -q -pl src/test -am verify -Dvantage.kube.assets=$$assets -Dtest='$(or $(TESTS),health.vantage.models.system.**)' -Dsurefire.failIfNoSpecifiedTests=false

.PHONY: interop
interop: ## models against oras, skopeo, cosign 2 and 3, buildah and containerd, each way (fetches them once)
	@stamp=$$(mktemp); tools=$$(hack/interop-tools); $(MVN) -q -pl artifact -am test -Dtest='*InteropTest' -Dsurefire.failIfNoSpecifiedTests=false -Dvantage.interop.tools="$$tools"; hack/test-summary --newer-than $$stamp artifact; rm -f $$stamp

.PHONY: bench
bench: bench-pull bench-rollout ## every benchmark, into build/bench/*.json
	@hack/bench-runner --no-build

.PHONY: bench-runner
bench-runner: build ## the runner against ONNX Runtime in process, into build/bench/runner.json and docs/performance.md
	@hack/bench-runner --no-build

.PHONY: bench-pull
bench-pull: build ## pulling 1 GiB against oras and skopeo in the same run, into build/bench/pull.json
	@hack/bench-pull

.PHONY: bench-rollout
bench-rollout: ## rollouts to 3, 30 and 300 nodes against a DaemonSet's in the same run, into build/bench/rollout.json
	@hack/bench-rollout

.PHONY: test-summary
test-summary: ## the counts of the last test run over all modules, with what was skipped and why
	@hack/test-summary
