#!/usr/bin/env bash
# The benchmark of docs/performance.md: one interleaved run against the LiteLLM proxy. BENCH_KIT is
# the folder of the kit (default ../shared/bench). Needs wrk, gcc and nginx.
set -euo pipefail
cd "$(dirname "$0")/.."
kit=${BENCH_KIT:-../shared/bench}
[ -f "$kit/run.py" ] || { echo "Set BENCH_KIT to the folder of the benchmark kit." >&2; exit 1; }
export BENCH_DIR=.bench SLUIS_KEY=sk-bench-sluis-0000000000000000
export SLUIS_CMD='tests/performance/serve.sh @PORT@ @RUN@'
[ -d .bench/venv ] || bash "$kit/setup.sh" pip
exec python3 "$kit/run.py" --systems litellm,sluis --cases "${CASES:-json-16}" \
  --rounds "${ROUNDS:-5}" --seconds "${SECONDS_PER_ROUND:-10}" "$@"
