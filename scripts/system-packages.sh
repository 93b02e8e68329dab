#!/usr/bin/env bash
# The tests use a real browser (for the console), node (for a real OpenID provider) and openssl (for real
# time stamps). They come from Debian; where they cannot be had, the tests that need them are skipped with a
# clear line.
set -u
missing=()
command -v chromium > /dev/null || missing+=(chromium)
command -v node > /dev/null || missing+=(nodejs)
command -v npm > /dev/null || missing+=(npm)
command -v openssl > /dev/null || missing+=(openssl)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get > /dev/null; then
  echo "Not installed: ${missing[*]}. The tests that use them will be skipped; install these to run them."
  exit 0
fi
echo "Installing for the tests: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null ||
  echo "Could not install ${missing[*]}. The tests that use them will be skipped."
exit 0
