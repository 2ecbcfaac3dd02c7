#!/usr/bin/env bash
# Runs what depends on the release of Node on other releases: .ci/node-matrix.sh VERSION...
# VERSION is a version or a range of the npm package of Node's binary, for example 22.18.0 or 26. For each it runs the
# tests of Node's private interfaces, TLS, SQLite, worker threads, native modules and streams, then a journey
# with the built server and stock clients. Needs `npm ci` and curl; lftp joins if it is installed.
set -euo pipefail
cd "$(dirname "$0")/.."

[[ $# -gt 0 ]] || { echo "usage: $0 VERSION..." >&2; exit 2; }

TESTS=(
  server/node-internals server/data server/tls tests/tls/{unread,truncation}  # sockets, onread, TLS
  db server/quota/ledger server/cli/serve server/logging                  # SQLite, streams
  server/cli/session tests/monitoring                                     # HTTP, Unix sockets
  server/disk server/workers server/listing tests/faults/native           # threads, koffi
  tests/journeys/stop tests/journeys/secrets server/system/early          # the process, V8
  tui-client/remote/{basic-ftp,connection,remote-session,lying} tui-client/system/young-generation
)
TESTS_SECONDS=300

work=$(mktemp -d)
server_pid=
cleanup() {
  if [[ -n $server_pid ]]; then kill "$server_pid" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT

step() { printf '\n== Node %s: %s\n' "$(node --version)" "$1"; }
fail() { printf 'failed on Node %s: %s\n' "$(node --version)" "$1" >&2; exit 1; }

install_node() { # VERSION
  local arch
  arch=$(node -p process.arch)
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/node-$1" "node-linux-$arch@$1"
}

run_tests() {
  step tests
  NODE_OPTIONS='--experimental-vm-modules --no-warnings' \
    timeout "$TESTS_SECONDS" node node_modules/jest/bin/jest.js -w 2 "${TESTS[@]}" >"$work/tests.out" 2>&1 ||
    { cat "$work/tests.out"; fail tests; }
  grep -E '^(Test Suites|Tests|Time):' "$work/tests.out"
}

start_server() { # DIRECTORY
  printf 'correct horse\n' | node dist/server/main.js user add anna --password-stdin --data "$1" >"$1.out"
  node dist/server/main.js --data "$1" --port 0 --log-level debug >>"$1.out" 2>&1 &
  server_pid=$!
  for _ in {1..200}; do
    port=$(sed -n 's/^MyFTP is listening on ftp:.*:\([0-9]*\)$/\1/p' "$1.out")
    if [[ -n $port ]]; then return; fi
    sleep 0.1
  done
  cat "$1.out" >&2
  fail 'the server does not start'
}

stop_server() {
  kill -TERM "$server_pid"
  wait "$server_pid" || fail "the server ended with $?"
  server_pid=
}

# Uploads, continues an upload, lists, checks and downloads with curl: transfer_with NAME OPTION...
transfer_with() {
  local name=$1 file=$work/file.bin url=ftp://127.0.0.1:$port bytes
  local curl=(curl -q -sS --max-time 30 --insecure --user 'anna:correct horse' "${@:2}")
  "${curl[@]}" -T "$file" "$url/$name.bin"
  cmp "$file" "$data/files/anna/$name.bin" || fail "$name: upload"
  for bytes in 1 16384 200000 4999999; do
    head -c "$bytes" "$file" >"$work/beginning"
    "${curl[@]}" -T "$work/beginning" "$url/$name-$bytes"
    "${curl[@]}" -C "$bytes" -T "$file" "$url/$name-$bytes"
    cmp "$file" "$data/files/anna/$name-$bytes" || fail "$name: upload continued at $bytes"
  done
  "${curl[@]}" "$url/" >"$work/list"
  grep -q " 5000000 .* $name.bin" "$work/list" || fail "$name: LIST"
  "${curl[@]}" -X MLSD "$url/" >"$work/list"
  grep -q "size=5000000;.* $name.bin" "$work/list" || fail "$name: MLSD"
  "${curl[@]}" -v -Q 'OPTS HASH SHA-256' -Q "HASH $name.bin" "$url/" >"$work/list" 2>&1
  grep -qi "$(sha256sum <"$file" | cut -d' ' -f1)" "$work/list" || fail "$name: HASH"
  "${curl[@]}" -o "$work/down.bin" "$url/$name.bin"
  cmp "$file" "$work/down.bin" || fail "$name: download"
}

mirror_with_lftp() {
  mkdir -p "$work/many"
  for number in {1..200}; do head -c $((number * 97)) "$work/file.bin" >"$work/many/$number"; done
  lftp --norc -c "set ssl:verify-certificate no; set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set net:max-retries 1
    open -u anna,'correct horse' -p $port 127.0.0.1; mirror --reverse --parallel=4 $work/many many"
  diff -r "$work/many" "$data/files/anna/many" || fail 'mirror with lftp'
}

run_journey() {
  step 'journey with the built server'
  data=$work/data-$(node --version)
  mkdir "$data"
  start_server "$data"
  transfer_with clear
  transfer_with tls12 --ssl-reqd --tls-max 1.2
  transfer_with tls13 --ssl-reqd --tlsv1.3
  if command -v lftp >/dev/null; then mirror_with_lftp; fi
  stop_server
  if grep -h '"level":"error"\|untested release\|koffi\|worker threads\|options of control' "$data"/logs/*.log; then
    fail 'the log tells of a fault, or of a slower way'
  fi
}

npm run --silent build
head -c 5000000 /dev/urandom >"$work/file.bin"
for version in "$@"; do
  install_node "$version"
  (
    trap - EXIT
    export PATH=$work/node-$version/node_modules/.bin:$PATH
    trap 'if [[ -n $server_pid ]]; then kill "$server_pid" 2>/dev/null || true; fi' EXIT
    run_tests
    run_journey
  )
done
printf '\nEverything passed on Node %s.\n' "$*"
