#!/usr/bin/env bash
# The gate: everything that must be green before a commit. `npm run check` runs it.
set -euo pipefail
cd "$(dirname "$0")/.."

# The Node that the project brings: the one of the machine may not read TypeScript.
export PATH=$PWD/node_modules/.bin:$PATH

step() { printf '\n== %s\n' "$1"; shift; "$@"; }

step 'format, lint, import fences, promises (biome, oxlint)' npm run --silent lint
step 'imports follow the layers' node .ci/check-layers.ts
step 'types (tsc)' npm run --silent types
step 'dead code (knip)' npm run --silent dead-code
step 'build' npm run --silent build
[[ ${1:-} == --no-tests ]] || step 'tests (jest)' npm test
