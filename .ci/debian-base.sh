#!/usr/bin/env bash
# Makes the Debian system that the tests of the packages boot, unless it is there: .ci/debian-base.sh DIRECTORY. Needs root and
# debootstrap.
set -euo pipefail

debian=$1
[[ ! -d $debian ]] || exit 0

# The mirror that this machine uses.
mirror() {
  cat /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2> /dev/null |
    sed -nE 's/^(URIs:|deb( \[[^]]*\])?) +(https?:[^ ]*\/debian)\/?( .*)?$/\3/p' | head -1
}

mkdir -p "$(dirname "$debian")"
rm -rf "$debian.new"
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,logrotate bookworm "$debian.new" "$(mirror)" > /dev/null
mv "$debian.new" "$debian"
