#!/usr/bin/env bash
# Builds the stand-ins for the images of others that compose.yaml names, under their names, into
# Podman's storage. Needs root, podman, mmdebstrap and npm.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d "${TMPDIR:-/var/tmp}/sluis-stand-ins.XXXXXX")
trap 'rm -rf "$work"' EXIT

mmdebstrap --quiet --variant=minbase --include=postgresql-17,valkey-server,valkey-tools,nodejs,python3 \
  --customize-hook='rm -rf "$1/etc/resolv.conf" "$1/etc/hostname" "$1/var/lib/postgresql/17"' \
  trixie "$work/base.tar" ${SLUIS_DEBIAN_MIRROR:+"$SLUIS_DEBIAN_MIRROR"}
podman import --quiet "$work/base.tar" localhost/sluis-stand-in-base > /dev/null
cp ../../support/oidc/package.json ../../support/oidc/package-lock.json Containerfile ./*.sh ./*.py ./*.mjs "$work"
mkdir "$work/data"
npm ci --prefix "$work" --ignore-scripts --no-audit --no-fund --silent

image() { # a target of the Containerfile, and the service of compose.yaml whose image it stands in for
  local name
  name=$(sed -n "/^  $2:/,/image:/s/^ *image: \([^ ]*\).*/\1/p" ../../../compose.yaml)
  case $name in *.*/*) ;; */*) name=docker.io/$name ;; *) name=docker.io/library/$name ;; esac
  podman build -q --isolation chroot --layers=false --target "$1" --tag "$name" \
    --build-arg BASE=localhost/sluis-stand-in-base "$work" > /dev/null
  echo "$name"
}
image postgres postgres
image valkey valkey
image collector collector
image identity identity
