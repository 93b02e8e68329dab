#!/usr/bin/env bash
# Installs the Debian packages that some tests use: a real browser (for the console), node (for a real
# OpenID provider), openssl (for real time stamps) and Valkey (for limits that replicas share). It names them before it installs them. Without
# root, without apt-get or with SLUIS_NO_SYSTEM_PACKAGES=1 it installs nothing; the tests that need an
# absent tool are skipped with a clear line.
set -u

missing=()
command -v chromium > /dev/null || missing+=(chromium)
command -v node > /dev/null || missing+=(nodejs)
command -v npm > /dev/null || missing+=(npm)
command -v openssl > /dev/null || missing+=(openssl)
command -v valkey-server > /dev/null || command -v redis-server > /dev/null || missing+=(valkey-server)
if [ ${#missing[@]} -eq 0 ]; then
  echo "Debian packages: nothing to install."
  exit 0
fi
if [ "${SLUIS_NO_SYSTEM_PACKAGES:-}" = 1 ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
  echo "Debian packages not installed: ${missing[*]}. The tests that use them are skipped."
  exit 0
fi
echo "Installing Debian packages: ${missing[*]} (SLUIS_NO_SYSTEM_PACKAGES=1 skips this)"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null ||
  echo "Could not install ${missing[*]}. The tests that use them are skipped."
exit 0
