#!/usr/bin/env bash
# Starts one data plane for the benchmark: serve.sh PORT FOLDER. Everything is on; entries are durable.
set -euo pipefail
export SLUIS_DATA_PORT=$1 SLUIS_DATA_DIR=$2/data SLUIS_BENCH_KEY=sk-bench-sluis-0000000000000000
cd "$(dirname "$0")/../.."
.venv/bin/sluis apply -f tests/performance/bench.yaml > "$2/apply.log"
exec .venv/bin/sluis gateway
