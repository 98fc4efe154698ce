#!/usr/bin/env bash
# Tests the charts without a cluster: helm lint, every option rendered, wrong values refused, rights as promised.
# Takes helm from HELM, the PATH or hack/control-plane --tools.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
helm=${HELM:-$(command -v helm || echo "$("$here/../hack/control-plane" --tools)/helm")}
operator=$here/vantage-model-operator
crds=$here/vantage-model-operator-crds
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
HELM_CACHE_HOME=$work/cache HELM_CONFIG_HOME=$work/config HELM_DATA_HOME=$work/data
export HELM_CACHE_HOME HELM_CONFIG_HOME HELM_DATA_HOME
failures=0 checks=0

fail() {
  failures=$((failures + 1))
  echo "FAILED $*" >&2
}
render() { "$helm" template vantage "$operator" --namespace vantage-system "$@"; }
has() { # what text -- arguments of helm
  local what=$1 text=$2
  shift 3
  checks=$((checks + 1))
  render "$@" >"$work/out" 2>"$work/err" || {
    fail "$what: helm says $(tr '\n' ' ' <"$work/err")"
    return
  }
  [[ $(<"$work/out") == *"$text"* ]] || fail "$what: '$text' is not in what is rendered with '$*'"
}
hasnot() { # what text -- arguments of helm
  local what=$1 text=$2
  shift 3
  checks=$((checks + 1))
  render "$@" >"$work/out" 2>"$work/err" || {
    fail "$what: helm says $(tr '\n' ' ' <"$work/err")"
    return
  }
  [[ $(<"$work/out") != *"$text"* ]] || fail "$what: '$text' is in what is rendered with '$*'"
}
refused() { # what -- arguments of helm
  local what=$1
  shift 2
  checks=$((checks + 1))
  ! render "$@" >/dev/null 2>&1 || fail "$what is accepted: $*"
}

for chart in "$operator" "$crds"; do
  checks=$((checks + 1))
  "$helm" lint --strict --quiet "$chart" >"$work/out" 2>&1 || fail "lint $(basename "$chart"): $(cat "$work/out")"
done
checks=$((checks + 1))
"$helm" template crds "$crds" | cmp -s <(for file in "$crds"/templates/*.yaml; do
  printf -- '---\n# Source: vantage-model-operator-crds/templates/%s\n' "$(basename "$file")"
  cat "$file"
done) - || fail "the CRD chart does not render the CRDs as they are: Helm took something in them for a template"

digest=sha256:$(printf 'a%.0s' {1..64})
has "a digest wins over a tag" "model-operator@$digest" -- --set image.digest="$digest" --set image.tag=x
has "the tag is the appVersion by default" '/model-operator:0.1.0"' --
has "all tiers are there" 'name: dgx' --
hasnot "a tier can be disabled" 'name: dgx' -- --set tiers.dgx.enabled=false
has "a tier can have its own image" 'image: "r.example/x:1"' -- --set tiers.cpu.runner.image=r.example/x:1
hasnot "a tier can do without a RuntimeClass" 'runtimeClassName' -- --set 'tiers.jetson.runner.runtimeClassName=,tiers.rtx.runner.runtimeClassName=,tiers.dgx.runner.runtimeClassName='
has "the registry Secret reaches the operator" 'value: /etc/vantage/registry' -- --set registrySecret=reg
has "the certificate reaches every tier" 'tlsSecret: runner-tls' -- --set runner.tlsSecret=runner-tls
has "a tier's own certificate wins" 'tlsSecret: own' -- --set runner.tlsSecret=runner-tls --set tiers.rtx.runner.tlsSecret=own
has "client CA and tokens reach the tiers" 'tokensSecret: scanners' -- --set runner.tlsSecret=t --set runner.clientCaSecret=t --set runner.tokensSecret=scanners
has "runners with TLS are scraped over it" 'scheme: https' -- --set serviceMonitor.enabled=true --set tiers.rtx.runner.tlsSecret=own
has "and the others as before" 'operator: NotIn, values: [rtx]' -- --set serviceMonitor.enabled=true --set tiers.rtx.runner.tlsSecret=own
hasnot "without TLS nothing is scraped over it" 'scheme: https' -- --set serviceMonitor.enabled=true
has "the registry Secret reaches the runners" 'registrySecret: reg' -- --set registrySecret=reg
has "insecure registries are a comma list" 'value: "a.example:5000,b.example"' -- --set 'insecureRegistries={a.example:5000,b.example}'
has "signatures are required by default" $'VANTAGE_REQUIRE_SIGNATURES\n              value: "true"' --
hasnot "one replica has no disruption budget" PodDisruptionBudget --
has "two replicas have a disruption budget" PodDisruptionBudget -- --set replicas=2
hasnot "keys by namespace need no ClusterRole for Secrets" $'kind: ClusterRole\nmetadata:\n  name: vantage-operator-keys' -- --set 'rbac.secretNamespaces={imaging}'
has "keys everywhere take a ClusterRole" $'kind: ClusterRole\nmetadata:\n  name: vantage-operator-keys' --
has "a network policy on request" 'kind: NetworkPolicy' -- --set networkPolicy.enabled=true
has "monitors on request" 'kind: PodMonitor' -- --set serviceMonitor.enabled=true
has "a dashboard on request" 'vantage_modeldeployment_ready' -- --set dashboard.enabled=true
refused "an unknown value" -- --set requireSignature=false
refused "a replica count in words" -- --set-string replicas=two
refused "a digest that is none" -- --set image.digest=latest
refused "a tier without variant" -- --set-json 'tiers.x={"enabled":true,"nodeSelector":{"matchLabels":{"a":"b"}},"runner":{}}'
refused "a share over 100 per cent" -- --set tiers.rtx.memory.sharePercent=101

echo "charts: $checks checks, $failures failures"
[ "$failures" = 0 ]
