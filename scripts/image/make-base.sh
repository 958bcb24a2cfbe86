#!/usr/bin/env bash
# scripts/image/make-base.sh NAME: makes a stand-in for the base image of temporal/Dockerfile where no registry of images can be reached:
# Debian by debootstrap, and the Node.js of npm's package `node`. Imports it into podman's store as NAME. Needs root.
set -euo pipefail
name=$1
version=${name#*node:}
version=${version%%-*}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

debootstrap --variant=minbase --include=ca-certificates bookworm "$folder/root" >&2
# The certificates that this machine trusts, its package registry's among them.
cp /etc/ssl/certs/ca-certificates.crt "$folder/root/etc/ssl/certs/"
npm install --silent --no-audit --no-fund --no-save --prefix "$folder/npm" "node@$version" npm@11 >&2
install "$(find -L "$folder/npm/node_modules" -path '*/bin/node' -type f -print -quit)" "$folder/root/usr/local/bin/node"
mkdir -p "$folder/root/usr/local/lib/node_modules"
cp -r "$folder/npm/node_modules/npm" "$folder/root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$folder/root/usr/local/bin/npm"
chroot "$folder/root" useradd --uid 1000 --create-home node
tar --create --directory "$folder/root" . | podman import --quiet --change ENV=NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt - "$name" >&2
