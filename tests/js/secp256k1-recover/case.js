// The example of Ethereum's ecrecover, and the address it recovers.
const hash = '0x456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3';
const r = '9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608';
const s = '4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada';
export default () => {
  const { secp256k1, keccak256, toHex } = gateway;
  const key = secp256k1.recover(hash, `0x${r}${s}1c`);
  const other = secp256k1.recover(hash, `0x${r}${s}`, 0);
  return {
    address: toHex(keccak256(key.slice(1)).slice(12)),
    bytes: key.length,
    verified: secp256k1.verify(hash, `0x${r}${s}`, key),
    others: [secp256k1.verify(hash, `0x${r}${s}`, other), toHex(other) === toHex(key)],
    changed: secp256k1.verify(gateway.sha256('x'), `0x${r}${s}`, key),
  };
};
