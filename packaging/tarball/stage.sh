#!/usr/bin/env bash
# Lays out the self-contained package in a directory: stage.sh DIR ARCH. The checkout has been built.
set -euo pipefail
cd "$(dirname "$0")/../.."

root=$1 arch=$2
runtime=node_modules/node-linux-$arch
[[ -x $runtime/bin/node ]] || { echo "package: $runtime is missing; run npm ci" >&2; exit 1; }

mkdir -p "$root"/{bin,runtime,licences}
cp "$runtime/bin/node" "$root/runtime/node"
cp "$runtime/LICENSE" "$root/licences/node.txt"

for program in myftp-server:server myftp-tui:tui-client; do
  cat > "$root/bin/${program%:*}" << LAUNCHER
#!/bin/sh
# Starts the program with the Node that comes with it, wherever the package lies.
root=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
exec "\$root/runtime/node" "\$root/dist/${program#*:}/main.js" "\$@"
LAUNCHER
  chmod 0755 "$root/bin/${program%:*}"
done

cp -r dist "$root/dist"
mv "$root/dist/share" "$root/share"
mv "$root/dist/server/licences.txt" "$root/licences/server-bundle.txt"
mv "$root/dist/tui-client/licences.txt" "$root/licences/client-bundle.txt"

mkdir "$root/contrib"
cp -r packaging/{systemd,logrotate,fail2ban} "$root/contrib/"
cp packaging/tarball/install.sh "$root/"
cp LICENSE README.md CHANGELOG.md "$root/"
mkdir "$root/docs"
cp docs/*.md docs/grafana-dashboard.json "$root/docs/"

# The modules as they were tested, without what types and compilers need.
npm ls --omit=dev --all --parseable | sed '1d' | while read -r module; do
  place=${module#"$PWD/"}
  case $place in */@types/* | */undici-types | */@typescript/* | */typescript | */node-addon-api) continue ;; esac
  mkdir -p "$root/$place"
  tar --directory "$place" --create --exclude=./node_modules . | tar --directory "$root/$place" --extract
done
modules=$root/node_modules
rm -rf "$modules"/better-sqlite3/{deps,src,binding.gyp} "$modules"/koffi/{vendor,lib,doc,cnoke.cjs}
find "$modules/better-sqlite3/prebuilds" -type f ! -name "linux-$arch.node" -delete
find "$modules/@koromix" -mindepth 2 -maxdepth 2 -type d ! -name "linux_$arch" -exec rm -rf {} +
find "$modules" -type f \( -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \
  -o -name '*.cc' -o -name '*.hh' -o -name '*.h' -o -name '*.S' -o -name '*.asm' \
  -o -iname 'readme*' -o -iname 'changelog*' \) -delete
find "$modules" -depth -type d \( -name test -o -name tests -o -name docs -o -name benchmarks -o -name examples \) \
  -exec rm -rf {} +
find "$modules" -depth -type d -empty -delete
chmod -R u=rwX,go=rX "$root"
