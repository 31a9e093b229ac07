#!/usr/bin/env bash
# Builds wasmd, the real chain that the tests run on, once, and prints the path of the binary.
#
#   tests/real-chain/build.sh      needs Go and a C compiler; cold about 8 minutes on 2 cores
#
# Everything comes from Go modules, pinned by go.sum: wasmd on the Cosmos SDK, the CometBFT and the wasmvm of today's Archway.
# The binary and its libwasmvm stand in target/real-chain, in a folder named after what they are built from
# (GATEWAY_REAL_CHAIN_CACHE names another place). Where Go is missing it is installed from Debian's packages if that can be
# done; where it is too old for go.mod, a newer toolchain comes from the Go module proxy. Exits with 3 where there is no Go.
set -euo pipefail
cd "$(dirname "$0")"

cache=${GATEWAY_REAL_CHAIN_CACHE:-../../target/real-chain}
built_from=$(cat go.mod go.sum build.sh | sha256sum | cut -c1-16)
mkdir -p "$cache"
folder=$(cd "$cache" && pwd)/$built_from
if [ -x "$folder/wasmd" ]; then
  echo "$folder/wasmd"
  exit 0
fi

if ! command -v go >/dev/null; then
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "there is no Go on this machine: install the package golang-go" >&2
    exit 3
  fi
  { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends golang-go; } >&2 || exit 3
fi

# Debian sets GOTOOLCHAIN=local; what go.mod asks for may be newer than the package.
export GOTOOLCHAIN=${GOTOOLCHAIN:-auto} CGO_ENABLED=1
wanted=$(sed -n 's/^go //p' go.mod)
if [ "$(printf '%s\n' go1.21 "$(cd / && go env GOVERSION)" | sort -V | head -1)" != go1.21 ]; then
  # Before 1.21 Go fetched no toolchains by itself. They are modules all the same; only their mode bits are lost on the way.
  toolchain=golang.org/toolchain@v0.0.1-go$wanted.$(go env GOOS)-$(go env GOARCH)
  root=$(cd / && GO111MODULE=on go mod download -json "$toolchain" | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p')
  chmod -R u+wx "$root/bin" "$root/pkg/tool"
  export GOROOT=$root PATH=$root/bin:$PATH
fi

echo "building wasmd from Go modules; this takes some minutes the first time" >&2
making=$(mktemp -d "$cache/making.XXXXXX")
trap 'rm -rf "$making"' EXIT
# The contract VM's library is looked for beside the binary, so that the module cache may go.
go build -o "$making/wasmd" \
  -ldflags "-X github.com/CosmWasm/wasmd/app.Bech32Prefix=archway -extldflags '-Wl,-rpath,\$ORIGIN'" \
  github.com/CosmWasm/wasmd/cmd/wasmd >&2
cp "$(go list -m -f '{{.Dir}}' github.com/CosmWasm/wasmvm)/internal/api/libwasmvm.$(uname -m).so" "$making/"
"$making/wasmd" version >/dev/null
chmod 755 "$making"
mv "$making" "$folder"
echo "$folder/wasmd"
