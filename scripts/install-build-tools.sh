#!/usr/bin/env bash
# Installs from Debian's packages what building the contracts and the daemons needs and the machine lacks.
# The daemons need a C compiler (SQLite); the contracts and the explorer need a Rust compiler with its standard library's sources.
set -euo pipefail

missing=()
need() { # file or command, package
  command -v "$1" >/dev/null 2>&1 || [ -e "$1" ] || missing+=("$2")
}
need cc build-essential
need git git
need /usr/share/doc/rustc-web rustc-web
need /usr/share/doc/cargo-web cargo-web
need /usr/share/doc/rust-web-src rust-web-src
need wasm-ld-19 lld-19
need npm npm
need chromium chromium
need curl curl

if [ ${#missing[@]} -eq 0 ]; then
  echo "nothing is missing"
  exit 0
fi
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "please install: ${missing[*]}" >&2
  exit 1
fi
apt-get update -q
DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
