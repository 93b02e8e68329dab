#!/usr/bin/env bash
# Runs in the Containerfile, one step a call: fills /opt/sluis with the packages of the image.
set -euo pipefail
cd /build
mkdir -p reports
site=$(echo /opt/sluis/lib/python3*/site-packages)
pip=(tools/bin/pip --quiet --disable-pip-version-check --no-input --no-cache-dir)
into=("${pip[@]}" --python /opt/sluis/bin/python install --no-compile --only-binary :all:)

locked() { # a lock
  "${into[@]}" --no-deps --require-hashes --report "reports/$(basename "$1").json" -r "$1"
}

torch() { # a version range, and an index of its own or nothing
  "${into[@]}" --report reports/torch.json ${2:+--index-url "$2"} "$1"
}

wheel() {
  "${pip[@]}" install --no-deps --require-hashes --only-binary :all: -r requirements-build.lock
  tools/bin/python -m hatchling build -t wheel -d . > /dev/null
  "${into[@]}" --no-deps --report reports/sluis.json ./sluis-*.whl
}

prune() { # also strips debugging symbols, and compiles: on a read-only root Python cannot
  local pattern
  grep -v '^#' image-prune.txt | while read -r pattern; do
    case $pattern in
      '') ;;
      */) find "$site" -mindepth 1 -type d -path "$site/${pattern%/}" -prune -exec rm -rf {} + ;;
      *) find "$site" -mindepth 1 -path "$site/$pattern" -prune -exec rm -rf {} + ;;
    esac
  done
  find /opt/sluis/bin ! -type d ! -name 'python*' ! -name sluis -delete
  # Libraries of torch and CUDA stay as they are.
  find "$site" \( -name torch -o -name nvidia -o -name triton \) -prune -o \
    -type f \( -name '*.so' -o -name '*.so.*' \) -exec strip --strip-unneeded {} +
  # The same exceptions as scripts/setup.sh, which Python compiles if they are ever imported; of litellm and
  # openai, what the translator imports.
  local compile=(/opt/sluis/bin/python -m compileall -q -j 0 --invalidation-mode unchecked-hash)
  "${compile[@]}" -x '/transformers/models/(?!auto/|bert/|llama/)[^/]+/|/site-packages/(litellm|openai)/' \
    "$site" > /dev/null || true
  LITELLM_LOCAL_MODEL_COST_MAP=True LITELLM_MODE=PRODUCTION /opt/sluis/bin/python -c '
import sys, gateway.egress.translator.child
names = [name for name in sys.modules if name.split(".")[0] in ("litellm", "openai")]
print(*(f for n in names if (f := getattr(sys.modules[n], "__file__", None))), sep="\n")' > imported.txt
  "${compile[@]}" -i imported.txt > /dev/null
  SLUIS_CACHE_DIR=/opt/sluis/patterns /opt/sluis/bin/python -c \
    'from gateway.privacy import Detector; from gateway.processes.settings import read; Detector(read().cache_dir)'
  chmod -R a+rX /opt/sluis
}

sbom() {
  tools/bin/python sbom.py --debian debian.tsv --output sbom.cdx.json reports/*.json
}

"$@"
