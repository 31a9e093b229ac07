#!/usr/bin/env bash
# Starts the demo network and drives the explorer's page in headless Chromium against it. Screenshots: target/explorer/shots.
#
#   scripts/test-explorer.sh             needs target/debug/gateway, Debian's chromium and the packages of explorer/
#   GATEWAY=… scripts/test-explorer.sh   another binary
#
# Exits with 3 where there is no chromium (CHROMIUM names another than Debian's).
set -euo pipefail
cd "$(dirname "$0")/.."

export CHROMIUM=${CHROMIUM:-/usr/bin/chromium}
if [ ! -x "$CHROMIUM" ]; then
  echo "there is no $CHROMIUM on this machine: install the package chromium" >&2
  exit 3
fi
[ -d explorer/node_modules ] || (cd explorer && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund)
gateway=${GATEWAY:-target/debug/gateway}
home=$(mktemp -d)
"$gateway" demo --keep --nodes 5 --home "$home" > "$home/demo.out" 2>&1 &
demo=$!
stop() {
  kill -INT "$demo" 2>/dev/null || true
  wait "$demo" || true
  rm -rf "$home"
}
trap stop EXIT

# The addresses are printed once everything runs.
until grep -q 'keeps running' "$home/demo.out"; do
  kill -0 "$demo" 2>/dev/null || { cat "$home/demo.out"; exit 1; }
  sleep 0.5
done
address() { sed -n "s/^ *$1  *\(http[^ ]*\)$/\1/p" "$home/demo.out" | head -1; }
relay=$(address relay)

# Nothing on the page comes from this document; others verify by it.
evidence=$(curl --silent --show-error --fail "$relay/v1/results/1/evidence")
grep -q '"transaction":"[0-9A-F]\{64\}"' <<<"$evidence"
grep -q '"attestations":\[{' <<<"$evidence"
curl --silent --show-error --fail "$relay/v1/statistics" | grep -q '"p95"'

# A project whose committee is drawn with nodes' tickets, and one request of it.
project=$home/tickets
mkdir "$project"
cat - "$home/network.toml" > "$project/gateway.toml" <<'TOML'
[project]
name = "drawn with tickets"
description = "Adds two numbers."
code = "addition.js"

[policy]
draw = "beacon"
wall_ms = 2000
TOML
cp examples/addition.js "$project"
commit=0123456789abcdef0123456789abcdef01234567
(
  gateway=$(realpath "$gateway")
  cd "$project"
  "$gateway" deploy --log warn --unverified --source store --source "github:ada/sums@$commit:addition.js" | tee deployed
  number=$(sed -n 's/^project \([0-9]*\) is registered.*/\1/p' deployed)
  "$gateway" request "$number" --log warn --input '{"a":2,"b":3}' --wait
) > "$home/tickets.out" 2>&1 || { cat "$home/tickets.out"; exit 1; }

# An engine that no node has: it is announced, and stays so. The admin's key follows from a name that everybody knows.
printf 'gateway localnet account developer' | sha256sum | cut -d ' ' -f 1 > "$home/admin.key"
(
  gateway=$(realpath "$gateway")
  cd "$project"
  "$gateway" engine announce --log warn --key-file "$home/admin.key" --min-ready 10000 \
    --jitless "$(printf '77%.0s' {1..32})" --jit "$(printf '78%.0s' {1..32})"
) > "$home/engine.out" 2>&1 || { cat "$home/engine.out"; exit 1; }

node explorer/test/page.mjs "$(address explorer)" target/explorer/shots \
  curl --silent --show-error --fail --output /dev/null --request POST "$relay/v1/requests" \
  --header "authorization: Bearer $(cat "$home/api.key")" --header "idempotency-key: explorer-test" \
  --header 'content-type: application/json' --data '{"project":1,"input":{"a":20,"b":22}}'
