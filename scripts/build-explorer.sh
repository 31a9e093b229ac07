#!/usr/bin/env bash
# Builds the explorer into artifacts/explorer: the protocol's checks to wasm, then the page with npm's Vite.
#
#   scripts/build-explorer.sh            build and write artifacts/explorer
#   scripts/build-explorer.sh --check    build and compare with artifacts/explorer, byte for byte
#
# The wasm is built by Debian's rustc-web, as the contracts are. Where another compiler is here than the one recorded in
# artifacts/explorer.toolchain, the committed wasm is kept and only the page is built anew.
set -euo pipefail
cd "$(dirname "$0")/.."

target=wasm32-unknown-unknown
wasm=explorer/public/verifier.wasm
record=artifacts/explorer.toolchain
cargo_home="${CARGO_HOME:-$HOME/.cargo}"

build_wasm() {
  local remap="--remap-path-prefix=$PWD=/gateway --remap-path-prefix=$cargo_home/registry/src=/registry --remap-path-prefix=/usr/lib/rustlib/src/rust=/rust"
  local flags="-C linker=wasm-ld-19 -C link-arg=--allow-undefined -C link-arg=-zstack-size=262144 -C strip=symbols -Z unstable-options -C panic=immediate-abort $remap"
  CARGO_ENCODED_RUSTFLAGS=$(printf '%s' "$flags" | tr ' ' '\037') CARGO_TARGET_DIR=target \
    env -u RUSTUP_TOOLCHAIN RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo rustc --quiet --locked --lib \
    --crate-type cdylib --profile contract --target "$target" \
    -Z build-std=std,panic_abort -Z build-std-features=optimize_for_size -p gateway-explorer-verifier
  cp "target/$target/contract/gateway_explorer_verifier.wasm" "$wasm"
}

compiler=$([ -x /usr/bin/rustc ] && /usr/bin/rustc --version || echo none)
if [ "${1:-}" != --check ] || [ "$compiler" = "$(cat "$record")" ]; then
  build_wasm
else
  echo "another compiler than the recorded one: the committed wasm is kept" >&2
  cp artifacts/explorer/verifier.wasm "$wasm"
fi

cd explorer
PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund
npm run --silent check
npm test --silent
out=../artifacts/explorer
[ "${1:-}" = --check ] && out=../target/explorer/page
npm run --silent build -- --outDir "$out" --emptyOutDir --logLevel warn
cd ..

if [ "${1:-}" = --check ]; then
  diff -r target/explorer/page artifacts/explorer
  echo "artifacts/explorer is what its sources build"
else
  echo "$compiler" > "$record"
fi
