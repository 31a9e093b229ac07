#!/usr/bin/env bash
# Builds every contract under contracts/ into artifacts/<crate>.wasm and records what they were built from.
#
#   scripts/build-contracts.sh            build, optimise, check, write artifacts/
#   scripts/build-contracts.sh --check    check artifacts/; where the recorded compiler is here, build and compare bytes
#   WASM_TOOLCHAIN=debian|rustup          choose the compiler; without it Debian's packages are preferred
#
# The chain accepts plain WebAssembly 1.0 and nothing newer (no bulk memory, no reference types), so:
#   debian  rustc-web, cargo-web, rust-web-src and lld-19 build the standard library anew for the MVP target;
#   rustup  the wasm32-unknown-unknown target; its standard library holds bulk-memory instructions, which wasm-opt lowers.
# wasm-opt comes from npm, or from the PATH where that is the version below.
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
    rustc=/usr/bin/rustc
    # Only for the contracts: the tools of this repository are built with the compiler of the PATH.
    cargo=(env -u RUSTUP_TOOLCHAIN RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo)
    std=(-Z build-std=std,panic_abort -Z build-std-features=optimize_for_size)
    # A panic is a bug and reverts the transaction; its words would take a fifth of the contract.
    flags="-C linker=wasm-ld-19 -C link-arg=--allow-undefined -Z unstable-options -C panic=immediate-abort $common"
    flags="$flags --remap-path-prefix=/usr/lib/rustlib/src/rust=/rust"
    ;;
  rustup)
    rustc=rustc
    cargo=(cargo)
    std=()
    flags="-C link-arg=--allow-undefined $common"
    lowering=(--llvm-memory-copy-fill-lowering --llvm-nontrapping-fptoint-lowering --signext-lowering)
    ;;
  *)
    echo "WASM_TOOLCHAIN takes debian or rustup, found '$toolchain'" >&2
    exit 1
    ;;
esac

# Another version writes other bytes, and older ones lack passes that are used here.
if wasm-opt --version 2>/dev/null | grep -qE "version ${BINARYEN_VERSION%%.*}( |\$)"; then
  wasm_opt=wasm-opt
else
  npm install --silent --no-audit --no-fund --no-save --prefix target/binaryen "binaryen@$BINARYEN_VERSION" >&2
  wasm_opt=target/binaryen/node_modules/.bin/wasm-opt
fi

xtask=(${XTASK:-cargo xtask})
record_toolchain="$toolchain: $("$rustc" --version); $("$wasm_opt" --version)"
folder=artifacts
if [ "${1:-}" = --check ]; then
  "${xtask[@]}" wasm --check
  if ! grep -qxF "# toolchain: $record_toolchain" artifacts/checksums.txt; then
    echo "another compiler than the recorded one: the digest of the sources has to do" >&2
    exit 0
  fi
  folder=target/contracts
fi

mkdir -p "$folder"
for manifest in contracts/*/Cargo.toml; do
  crate=$(sed -n 's/^name = "\(.*\)"$/\1/p' "$manifest" | head -1)
  lib=${crate//-/_}
  echo "building $crate with the $toolchain toolchain" >&2
  CARGO_ENCODED_RUSTFLAGS=$(printf '%s' "$flags" | tr ' ' '\037') CARGO_TARGET_DIR=target \
    "${cargo[@]}" rustc --locked --lib --crate-type cdylib --profile contract --target "$target" "${std[@]}" -p "$crate"
  "${xtask[@]}" wasm --snip "target/$target/contract/$lib.wasm" >&2
  # Inlining would make functions of more than 100 locals, which newer VMs refuse.
  "$wasm_opt" -Oz --converge --skip-pass=inlining-optimizing --skip-pass=inlining --strip-debug --strip-producers \
    "${lowering[@]}" "target/$target/contract/$lib.wasm" -o "$folder/${lib%_contract}.wasm"
done

if [ "$folder" = artifacts ]; then
  "${xtask[@]}" wasm --record "$record_toolchain"
else
  for built in "$folder"/*.wasm; do
    cmp "$built" "artifacts/$(basename "$built")"
  done
fi
