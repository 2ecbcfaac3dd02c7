#!/usr/bin/env bash
# Installs the FTP clients that tests/clients drives, the tools of the test networks, two proxies, a keyring, and
# Prometheus, on Debian and its kin.
# A test whose program is missing is skipped by name.
set -euo pipefail

as_root() { if [[ $EUID -eq 0 ]]; then "$@"; else sudo "$@"; fi; }

# Net::FTP is a part of perl, ftplib of python3; Ruby's library comes with ruby up to Debian 12.
packages=(
  lftp curl rclone ncftp tnftp wget wput aria2 filezilla inotify-tools
  python3 perl libio-socket-ssl-perl php-cli ruby
  xvfb xauth xdotool gnome-keyring dbus iproute2 nftables microsocks tinyproxy prometheus
)
as_root apt-get install -yq --no-install-recommends "${packages[@]}"
