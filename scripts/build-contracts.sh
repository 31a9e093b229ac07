#!/usr/bin/env bash
# Builds every contract under contracts/ into artifacts/<crate>.wasm and records what they were built from.
#
#   scripts/build-contracts.sh            build, optimise, check, write artifacts/
#   WASM_TOOLCHAIN=debian|rustup          choose the compiler; without it Debian's packages are preferred
#
# The chain accepts plain WebAssembly 1.0 and nothing newer (no bulk memory, no reference types), so:
#   debian  rustc-web, cargo-web, rust-web-src and lld-19 build the standard library anew for the MVP target;
#   rustup  the wasm32-unknown-unknown target; its standard library holds bulk-memory instructions, which wasm-opt lowers.
# wasm-opt comes from the PATH or from npm (binaryen, the version below).
set -euo pipefail
cd "$(dirname "$0")/.."

BINARYEN_VERSION=132.0.0
target=wasm32-unknown-unknown
cargo_home="${CARGO_HOME:-$HOME/.cargo}"

toolchain="${WASM_TOOLCHAIN:-}"
if [ -z "$toolchain" ]; then
  if [ -x /usr/bin/rustc ] && [ -x /usr/bin/cargo ] && [ -d /usr/lib/rustlib/src/rust/library ] && command -v wasm-ld-19 >/dev/null; then
    toolchain=debian
  elif command -v rustup >/dev/null && rustup target list --installed | grep -qx "$target"; then
    toolchain=rustup
  else
    echo "no wasm toolchain: install rustc-web cargo-web rust-web-src lld-19, or run 'rustup target add $target'" >&2
    exit 1
  fi
fi

# No machine's paths in the artifact: the same sources give the same bytes in every folder.
remap="--remap-path-prefix=$PWD=/gateway --remap-path-prefix=$cargo_home/registry/src=/registry"
common="-C target-cpu=mvp -C link-arg=-zstack-size=1048576 $remap"
lowering=()
case "$toolchain" in
  debian)
    export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
    unset RUSTUP_TOOLCHAIN
    cargo=/usr/bin/cargo
    std=(-Z build-std=std,panic_abort -Z build-std-features=)
    flags="-C linker=wasm-ld-19 -C link-arg=--allow-undefined $common --remap-path-prefix=/usr/lib/rustlib/src/rust=/rust"
    ;;
  rustup)
    cargo=cargo
    std=()
    flags="-C link-arg=--allow-undefined $common"
    lowering=(--llvm-memory-copy-fill-lowering --llvm-nontrapping-fptoint-lowering --signext-lowering)
    ;;
  *)
    echo "WASM_TOOLCHAIN takes debian or rustup, found '$toolchain'" >&2
    exit 1
    ;;
esac

if command -v wasm-opt >/dev/null; then
  wasm_opt=wasm-opt
else
  npm install --silent --no-audit --no-fund --no-save --prefix target/binaryen "binaryen@$BINARYEN_VERSION" >&2
  wasm_opt=target/binaryen/node_modules/.bin/wasm-opt
fi

mkdir -p artifacts
for manifest in contracts/*/Cargo.toml; do
  crate=$(sed -n 's/^name = "\(.*\)"$/\1/p' "$manifest" | head -1)
  lib=${crate//-/_}
  echo "building $crate with the $toolchain toolchain" >&2
  CARGO_ENCODED_RUSTFLAGS=$(printf '%s' "$flags" | tr ' ' '\037') \
    "$cargo" rustc --locked --lib --crate-type cdylib --profile contract --target "$target" "${std[@]}" -p "$crate"
  built="target/$target/contract/$lib.wasm"
  case "$lib" in gateway_contract) out=artifacts/gateway.wasm ;; *) out="artifacts/$lib.wasm" ;; esac
  # Inlining would make functions of more than 100 locals, which newer VMs refuse.
  "$wasm_opt" -O3 --skip-pass=inlining-optimizing --skip-pass=inlining --strip-debug --strip-producers \
    "${lowering[@]}" "$built" -o "$out"
done

record_toolchain="$toolchain: $("${RUSTC:-rustc}" --version); $("$wasm_opt" --version)"
cargo xtask wasm --record "$record_toolchain"
