#!/usr/bin/env bash
# Builds the Debian package: target/debian/gateway_*.deb. Needs cargo-deb: cargo install cargo-deb
set -euo pipefail
cd "$(dirname "$0")/.."
cargo deb --version >/dev/null 2>&1 || { echo "cargo-deb is missing: cargo install cargo-deb"; exit 3; }
cargo build --release --locked --package gateway --bin gateway
gateway=${CARGO_TARGET_DIR:-target}/release/gateway
out=target/package
rm -rf "$out"
mkdir -p "$out/templates"
"$gateway" man "$out/man"
"$gateway" completions bash >"$out/gateway.bash"
"$gateway" completions zsh >"$out/_gateway"
"$gateway" completions fish >"$out/gateway.fish"
for daemon in relay node global; do "$gateway" config template "$daemon" >"$out/templates/$daemon.toml"; done
cargo deb --no-build --strip --package gateway
ls -l target/debian/gateway_*.deb
