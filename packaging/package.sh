#!/usr/bin/env bash
# Builds the packages for this machine's architecture into packages/, or into the directory that is named:
#
#   myftp-<version>-linux-<x64|arm64>.tar.gz   self-contained: Node, the programs and their modules
#   myftp_<version>_<amd64|arm64>.deb          the same for Debian and its kin
#
# Needs the checkout's node_modules (npm ci), tar, gzip and dpkg-deb; nothing is downloaded.
set -euo pipefail
cd "$(dirname "$0")/.."

out=${1:-packages}
mkdir -p "$out"
out=$(realpath "$out")

npm run --silent build
npm run --silent documents

version=$(node -p 'require("./package.json").version')
arch=$(node -p process.arch)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
name=myftp-$version-linux-$arch

packaging/tarball/stage.sh "$stage/$name" "$arch"

# The same input gives the same octets.
tar --directory "$stage" --create --sort=name --owner=0 --group=0 --numeric-owner \
  --mtime="@${SOURCE_DATE_EPOCH:-0}" "$name" | gzip -n -6 > "$out/$name.tar.gz"
packaging/debian/build-deb.sh "$stage/$name" "$version" "$out"

(cd "$out" && ls -l -- "$name.tar.gz" ./*.deb)
