#!/usr/bin/env bash
# Builds the Containerfile as an OCI archive in dist/, with its SBOM beside it: on Debian as root, from
# package registries alone, without Docker and without a registry of images. The base is a Debian that
# mmdebstrap makes. Takes the target, gateway or worker. SLUIS_DEBIAN_MIRROR names another mirror,
# PIP_INDEX_URL another index, TORCH_INDEX one with torch's CPU builds, and STORAGE_DRIVER=vfs does without
# overlays, which takes more disk.
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-gateway}
name=sluis-image
if [ "$target" != gateway ]; then name=sluis-image-$target; fi
begun=$SECONDS
say() { echo "[$(date +%T)] $*"; }
fail() { echo "$*" >&2; exit 1; }
megabytes() { echo $(($(du -sb "$1" | cut -f 1) / 1000000)); } # of 10^6 bytes

[ "$(id -u)" -eq 0 ] || fail "Building the image without Docker needs root. With Docker or Podman: docker build -f Containerfile ."
tools="mmdebstrap buildah netavark"
for tool in $tools; do
  command -v "$tool" > /dev/null || [ -x "/usr/lib/podman/$tool" ] || fail "$tool is absent: apt-get install --no-install-recommends $tools"
done

work=$(mktemp -d "${TMPDIR:-/var/tmp}/sluis-image.XXXXXX")
export BUILDAH_ISOLATION=chroot
images=(buildah --root "$work/images" --runroot "$work/run" ${STORAGE_DRIVER:+--storage-driver "$STORAGE_DRIVER"})
clean() { # removes nothing below a mount
  "${images[@]}" rm --all > /dev/null 2>&1 || true
  umount --recursive --quiet "$work/images/overlay" 2> /dev/null || true
  if grep -q " $work/" /proc/self/mountinfo; then fail "Something is still mounted below $work"; fi
  rm -rf "$work"
}
trap clean EXIT
host=(--network host --ulimit nofile=20000:20000 --ulimit "nproc=$(ulimit -u):$(ulimit -u)")

base() { # a Debian with Python and the certificates of public authorities
  local container
  mmdebstrap --quiet --variant=minbase --include=python3,ca-certificates \
    --customize-hook='rm -f "$1/etc/resolv.conf" "$1/etc/hostname"' trixie "$work/base.tar" \
    ${SLUIS_DEBIAN_MIRROR:+"$SLUIS_DEBIAN_MIRROR"}
  container=$("${images[@]}" from "${host[@]}" scratch)
  "${images[@]}" add -q "$container" "$work/base.tar" > /dev/null
  "${images[@]}" commit -q --rm "$container" sluis-base > /dev/null
  rm "$work/base.tar"
}

build() { # with the certificates of this machine, which the image does not get
  "${images[@]}" build -q --layers=false --target "$target" --tag "$name" "${host[@]}" \
    --volume /etc/ssl/certs:/etc/ssl/certs:ro \
    --timestamp "$(git log -1 --format=%ct)" \
    --build-arg BASE=localhost/sluis-base \
    --build-arg VERSION="$version" --build-arg REVISION="$(git rev-parse HEAD)" \
    ${PIP_INDEX_URL:+--build-arg PIP_INDEX_URL="$PIP_INDEX_URL"} \
    ${TORCH_INDEX:+--build-arg TORCH_INDEX="$TORCH_INDEX"} \
    -f Containerfile . > /dev/null
}

save() { # the archive, and out of the image its SBOM and its size
  local container root
  rm -f "dist/$name.tar"
  "${images[@]}" push -q "$name" "oci-archive:dist/$name.tar:sluis:$version"
  container=$("${images[@]}" from "$name")
  root=$("${images[@]}" mount "$container")
  cp "$root/usr/share/doc/sluis/sbom.cdx.json" "dist/$name.cdx.json"
  say "Root file system: $(megabytes "$root") MB; of it packages: $(megabytes "$root/opt/sluis") MB"
  "${images[@]}" umount "$container" > /dev/null
}

version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
mkdir -p dist
say "Making Debian with Python"
base
say "Building the image for the $target (some minutes)"
build
say "Writing dist/$name.tar and dist/$name.cdx.json"
save
say "Done after $((SECONDS - begun)) s: dist/$name.tar, $(megabytes "dist/$name.tar") MB; load it with docker load or podman load"
