#!/usr/bin/env bash
# Tests the Argo CD health checks over example objects. Needs lua 5.3 or newer (Debian: lua5.4).
#   --write   put the checks into argocd-cm.yaml first
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

write() {
  cat <<'EOF'
# Merge this into Argo CD's own ConfigMap argocd-cm; do not apply it over yours. Written by config/argocd/test.sh --write.
apiVersion: v1
kind: ConfigMap
metadata:
  name: argocd-cm
  namespace: argocd
  labels: {app.kubernetes.io/part-of: argocd}
data:
EOF
  local kind
  for kind in ModelDeployment ModelRevision ComputeTier; do
    echo "  resource.customizations.health.models.vantage.health_$kind: |"
    sed 's/^\(.\)/    \1/' "$here/health/$kind.lua"
  done
}

case ${1:-} in
  --write) write >"$here/argocd-cm.yaml" ;;
  '') ;;
  *)
    echo "Unknown option $1. Use: config/argocd/test.sh [--write]" >&2
    exit 2
    ;;
esac

for lua in lua5.4 lua54 lua5.3 lua; do
  if command -v "$lua" >/dev/null 2>&1; then
    exec "$lua" "$here/tests/run.lua" "$here"
  fi
done
echo "No lua found for the Argo CD health checks: install the package lua5.4." >&2
exit 1
