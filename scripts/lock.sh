#!/usr/bin/env bash
# Writes requirements.lock: every package of every extra, with hashes, without torch and what only torch brings;
# requirements-uv.lock, the uv that it was written with, which set-up installs the packages with;
# requirements-pre-commit.lock, what runs the git hooks; and three subsets of requirements.lock for the
# image: requirements-runtime.lock, what its processes run on; requirements-worker.lock, the same with the
# worker, torch apart; and requirements-build.lock, what builds the wheel.
# pip takes torch from a range first (CPU or CUDA build, as the machine has it); the lock then pins all the rest.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=${UV:-uv}
compile=("$uv" pip compile pyproject.toml --all-extras --universal --python-version 3.11 --quiet --no-header)
torch_only=$("${compile[@]}" --no-annotate --output-file /dev/stdout |
  grep -oE '^(torch|triton|nvidia-[a-z0-9-]+|cuda-[a-z0-9-]+)' | sort -u)
skip=()
for name in $torch_only; do skip+=(--no-emit-package "$name"); done
"${compile[@]}" --generate-hashes --no-emit-index-url "${skip[@]}" --output-file requirements.lock
printf 'uv==%s\n' "$("$uv" --version | cut -d ' ' -f 2)" |
  "$uv" pip compile - --universal --quiet --no-header --no-annotate --generate-hashes --no-emit-index-url \
    --output-file requirements-uv.lock
printf 'pre-commit>=4,<5\n' |
  "$uv" pip compile - --universal --python-version 3.11 --quiet --no-header --no-annotate --generate-hashes \
    --no-emit-index-url --constraint requirements.lock --output-file requirements-pre-commit.lock
subset() { # writes a lock of some extras, or of standard input, in the versions of requirements.lock
  "$uv" pip compile "${@:2}" --universal --python-version 3.11 --quiet --no-header --no-annotate \
    --generate-hashes --no-emit-index-url --constraint requirements.lock --output-file "$1"
}
absent=$(mktemp)
trap 'rm "$absent"' EXIT
grep -v '^huggingface-hub' scripts/not-in-image.txt > "$absent"
runtime=(pyproject.toml --extra console --extra reports --extra detectors --extra evaluations)
subset requirements-runtime.lock "${runtime[@]}" --override scripts/not-in-image.txt
subset requirements-worker.lock "${runtime[@]}" --override "$absent" --extra worker "${skip[@]}"
printf 'hatchling>=1.27,<2\n' | subset requirements-build.lock -
