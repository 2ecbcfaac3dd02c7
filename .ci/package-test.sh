#!/usr/bin/env bash
# Builds the packages and tests them: .ci/package-test.sh [CACHE]. The Debian system that the tests boot is kept in CACHE
# (~/.cache/myftp-tests) for the next time.
#
# Needs what the checkout has, and of Debian: debootstrap systemd systemd-container lftp curl; fail2ban logrotate man-db
# zsh fish check the files of their kind. Without root or one of them, tests are skipped by name.
set -euo pipefail
cd "$(dirname "$0")/.."

debian=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/myftp-tests}/debian-12
packages=$(mktemp -d)
trap 'rm -rf "$packages"' EXIT

if [[ $EUID -eq 0 ]] && command -v debootstrap > /dev/null; then .ci/debian-base.sh "$debian"; fi

# Quick to compress: these packages are thrown away.
DEB_XZ_LEVEL=0 npm run --silent package -- "$packages"
npm pack --silent --ignore-scripts --pack-destination "$packages"

MYFTP_TEST_PACKAGES=$packages MYFTP_TEST_DEBIAN=$debian npm test -- --maxWorkers 2 tests/packaging
