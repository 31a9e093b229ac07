#!/usr/bin/env bash
# Makes src/contract.ts and src/relay.ts from the schemas; with --check, says whether they are fresh. Needs npm.
set -euo pipefail
cd "$(dirname "$0")"
[ -d node_modules ] || npm ci --silent --no-audit --no-fund
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/schema"
cp ../../schema/gateway.json "$work/schema/"
npx cosmwasm-ts-codegen generate --plugin client --schema "$work/schema" --out "$work/out" --name Gateway --no-bundle >/dev/null
# Names of operations are those of functions and not unique; without them each is written where it stands.
node -e '
  const document = JSON.parse(require("fs").readFileSync("../../schema/relay-openapi.json", "utf8"));
  for (const path of Object.values(document.paths)) for (const operation of Object.values(path)) delete operation.operationId;
  process.stdout.write(JSON.stringify(document));
' > "$work/relay.json"
npx openapi-typescript "$work/relay.json" --output "$work/relay.ts" >/dev/null
if [ "${1:-}" = --check ]; then
  cmp "$work/out/Gateway.types.ts" src/contract.ts && cmp "$work/relay.ts" src/relay.ts && exit 0
  echo "clients/typescript is stale: bash clients/typescript/generate.sh" >&2
  exit 1
fi
cp "$work/out/Gateway.types.ts" src/contract.ts
cp "$work/relay.ts" src/relay.ts
