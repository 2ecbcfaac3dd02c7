#!/usr/bin/env bash
# Builds the Debian package from the staged tarball: build-deb.sh STAGED VERSION OUT.
set -euo pipefail
here=$(realpath "$(dirname "$0")")

staged=$(realpath "$1") version=$2 out=$(realpath "$3")
case $(basename "$staged") in
  *-x64) arch=amd64 ;;
  *-arm64) arch=arm64 ;;
  *) echo "build-deb: no Debian architecture for $staged" >&2; exit 1 ;;
esac

tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
chmod 0755 "$tree"
doc=$tree/usr/share/doc/myftp
mkdir -p "$tree"/{usr/lib/myftp,usr/bin,usr/share/man/man1,usr/share/man/man8,usr/lib/systemd/system,etc/myftp} \
  "$tree"/etc/{logrotate.d,fail2ban/filter.d} "$doc/examples"

cp -rl "$staged"/{bin,runtime,dist,node_modules} "$tree/usr/lib/myftp/"
ln -s ../lib/myftp/bin/myftp-server ../lib/myftp/bin/myftp-tui "$tree/usr/bin/"

for page in man8/myftp-server.8 man1/myftp-tui.1; do
  gzip -9n < "$staged/share/man/$page" > "$tree/usr/share/man/$page.gz"
done
cp -r "$staged"/share/{bash-completion,zsh,fish} "$tree/usr/share/"

cp "$staged/share/myftp/myftp.toml" "$tree/etc/myftp/"
cp "$staged/contrib/logrotate/myftp" "$tree/etc/logrotate.d/myftp"
cp "$staged/contrib/fail2ban/filter.d/myftp.conf" "$tree/etc/fail2ban/filter.d/"
cp "$staged/contrib/systemd/myftp.service" "$tree/usr/lib/systemd/system/"

cp "$staged/contrib/fail2ban/jail.d/myftp.conf" "$doc/examples/fail2ban-jail.conf"
cp -r "$staged/licences" "$doc/"
cp "$staged"/docs/*.md "$staged"/docs/grafana-dashboard.json "$staged/README.md" "$doc/"
gzip -9n < "$staged/CHANGELOG.md" > "$doc/changelog.gz"
{
  printf 'MyFTP %s\n\n' "$version"
  cat "$staged/LICENSE"
  printf '\nThe licences of Node.js and of bundled packages are in the directory licences beside this\n'
  printf 'file; those of other packages lie beside their code in /usr/lib/myftp/node_modules.\n'
} > "$doc/copyright"

mkdir "$tree/DEBIAN"
(cd "$tree" && find etc -type f -printf '/%p\n' | sort) > "$tree/DEBIAN/conffiles"
(cd "$tree" && find usr -type f -print0 | sort -z | xargs -0 md5sum) > "$tree/DEBIAN/md5sums"
cp "$here"/{postinst,prerm,postrm} "$tree/DEBIAN/"
size=$(du -sk --exclude=DEBIAN "$tree" | cut -f1)
sed -e "s/@VERSION@/$version/; s/@ARCH@/$arch/; s/@SIZE@/$size/" "$here/control.in" > "$tree/DEBIAN/control"
chmod -R u=rwX,go=rX "$tree"
chmod 0755 "$tree"/DEBIAN/{postinst,prerm,postrm}

SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0} \
  dpkg-deb --root-owner-group -Zxz -z"${DEB_XZ_LEVEL:-6}" --build "$tree" "$out/myftp_${version}_$arch.deb" > /dev/null
