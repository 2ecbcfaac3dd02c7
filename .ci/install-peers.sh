#!/usr/bin/env bash
# Unpacks the FTP servers that bench/ compares with and that the client's tests run against into a folder, for Debian and
# its kin:
#
#   .ci/install-peers.sh ~/ftp-peers && MYFTP_BENCH_PEERS=~/ftp-peers npm run bench
#
# The packages exclude each other, so they are unpacked, not installed: nothing is started and no user is
# made. Only the libraries that they need are installed (by root or sudo, if any is missing), and pyftpdlib, which is a
# library, too.
set -euo pipefail

[[ $# -eq 1 ]] || { echo "usage: $0 DIR" >&2; exit 2; }
mkdir -p "$1"
peers=$(cd "$1" && pwd)
packages=(vsftpd pure-ftpd pure-ftpd-common proftpd-core proftpd-mod-crypto)

as_root() { if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi; }

downloads=$(mktemp -d)
trap 'rm -rf "$downloads"' EXIT
[[ $EUID -ne 0 ]] || chown _apt "$downloads" # apt downloads as this user

(cd "$downloads" && apt-get download "${packages[@]}")
for package in "$downloads"/*.deb; do dpkg -x "$package" "$peers"; done

# The first alternative of each dependency that is a library.
libraries=()
dpkg -s python3-pyftpdlib > /dev/null 2>&1 || libraries+=(python3-pyftpdlib)
while read -r name; do
  dpkg -s "$name" > /dev/null 2>&1 || libraries+=("$name")
done < <(for package in "$downloads"/*.deb; do dpkg-deb -f "$package" Depends Pre-Depends; done |
  sed 's/^[A-Za-z-]*: //' | tr ',' '\n' | sed 's/[|(:].*//; s/ //g' | grep '^lib' | sort -u)
if [[ ${#libraries[@]} -gt 0 ]]; then
  as_root apt-get install -y --no-install-recommends "${libraries[@]}"
fi

/usr/bin/python3 -c 'import pyftpdlib' 2> /dev/null ||
  as_root apt-get install -y --no-install-recommends python3-pyftpdlib

for server in vsftpd pure-ftpd proftpd; do
  missing=$(ldd "$peers/usr/sbin/$server" | grep 'not found' || true)
  [[ -z $missing ]] || { printf '%s lacks:\n%s\n' "$server" "$missing" >&2; exit 1; }
done
echo "Unpacked vsftpd, Pure-FTPd and ProFTPD, installed pyftpdlib. Run: MYFTP_BENCH_PEERS=$peers npm run bench"
