#!/usr/bin/env bash
# Writes deploy/secrets, once: a random secret in a file each, for compose.yaml. The folder is closed to
# other users; its files are readable, because the users of the containers are others than yours.
set -euo pipefail
cd "$(dirname "$0")"
if [ -e secrets ]; then
  echo "deploy/secrets is there already; secrets are never overwritten." >&2
  exit 1
fi
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
put() { printf '%s' "$2" > "secrets/$1" && chmod 0644 "secrets/$1"; }

mkdir -m 0700 secrets
password=$(random)
put postgres-password "$password"
put database-url "postgresql://sluis:$password@postgres:5432/sluis"
password=$(random)
put valkey-password "$password"
put valkey-url "redis://:$password@valkey:6379/0"
for name in keycloak-admin-password console-secret ada-password bram-password; do
  put "$name" "$(random)"
done
for name in app-key ops-key approver-key; do
  put "$name" "sluis_$(random)"
done
echo "Wrote deploy/secrets. ada-password and bram-password are for the first sign-in to the console."
