#!/usr/bin/env bash
# Prints the path of a Python that has aics-tlog, somebody else's code for transparency logs: it needs a
# newer Python than we do, and a venv of its own, which is kept with other caches.
# Where it cannot be had it says why on stderr, prints nothing, and the tests that use it are skipped.
set -u
requirements="$(cd "$(dirname "$0")/.." && pwd)/tests/data/evidence/aics-tlog.txt"
absent() {
  echo "aics-tlog is not available: $1." >&2
  exit 0
}
python=
for name in python3.14 python3.13 python3.12; do
  # Debian has Python in one package and what venv needs in another.
  if "$name" -c "import ensurepip" 2> /dev/null; then
    python=$name
    break
  fi
done
[ -n "$python" ] || absent "it needs Python 3.12, 3.13 or 3.14 with venv and pip"
digest=$(sha256sum "$requirements" | cut -c1-12)
venv="${XDG_CACHE_HOME:-$HOME/.cache}/sluis/aics-tlog-$python-$digest"
if [ ! -e "$venv/done" ]; then
  rm -rf "$venv"
  "$python" -m venv "$venv" > /dev/null || absent "no venv could be made at $venv"
  "$venv/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps --only-binary :all: \
    --retries 2 --timeout 45 --require-hashes -r "$requirements" >&2 || absent "it could not be installed from PyPI"
  touch "$venv/done"
fi
echo "$venv/bin/python"
