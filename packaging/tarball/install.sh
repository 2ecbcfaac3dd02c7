#!/bin/sh
# Installs MyFTP from the unpacked tarball, which stays where it is:
#
#   tar xzf myftp-<version>-linux-x64.tar.gz -C /opt && /opt/myftp-<version>-linux-x64/install.sh
#
# Links the programs and man pages into /usr/local, makes the user "myftp", /var/lib/myftp and /etc/myftp/myftp.toml, and
# installs the unit where systemd is. Run it again after unpacking another version. `install.sh --remove` removes the
# links and the unit; settings, accounts and files stay.
set -eu

root=$(dirname "$(readlink -f "$0")")
unit=/etc/systemd/system/myftp.service

link() { mkdir -p "$(dirname "$2")" && ln -sfn "$1" "$2"; }

reload_systemd() { [ ! -d /run/systemd/system ] || systemctl daemon-reload; }

if [ "$(id -u)" -ne 0 ]; then
  echo "install.sh: run it as root. Without it, $root/bin/myftp-server works for a user, too." >&2
  exit 1
fi

if [ "${1:-}" = --remove ]; then
  rm -f /usr/local/bin/myftp-server /usr/local/bin/myftp-tui "$unit" \
    /usr/local/share/man/man8/myftp-server.8 /usr/local/share/man/man1/myftp-tui.1
  reload_systemd
  echo "Removed the links and the unit. Settings are in /etc/myftp, accounts and files in /var/lib/myftp."
  exit 0
fi

link "$root/bin/myftp-server" /usr/local/bin/myftp-server
link "$root/bin/myftp-tui" /usr/local/bin/myftp-tui
link "$root/share/man/man8/myftp-server.8" /usr/local/share/man/man8/myftp-server.8
link "$root/share/man/man1/myftp-tui.1" /usr/local/share/man/man1/myftp-tui.1

if ! id myftp > /dev/null 2>&1; then
  useradd --system --user-group --home-dir /var/lib/myftp --no-create-home --shell /usr/sbin/nologin myftp
fi
install -d -m 0750 -o myftp -g myftp /var/lib/myftp
if [ ! -e /etc/myftp/myftp.toml ]; then
  install -D -m 0644 "$root/share/myftp/myftp.toml" /etc/myftp/myftp.toml
fi
if [ -d /run/systemd/system ]; then
  sed 's|/usr/bin/myftp-server|/usr/local/bin/myftp-server|' "$root/contrib/systemd/myftp.service" > "$unit"
  reload_systemd
fi
echo "Installed $(/usr/local/bin/myftp-server --version). Settings are in /etc/myftp/myftp.toml."
