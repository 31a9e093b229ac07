export default async () => [
  gateway.toHex(gateway.sha256('abc')),
  gateway.toHex(gateway.keccak256('abc')),
  gateway.toHex(gateway.ripemd160('abc')),
  gateway.toHex(new Uint8Array(await crypto.subtle.digest('SHA-512', new TextEncoder().encode('abc')))),
  gateway.toHex(gateway.sha256('0x616263')) === gateway.toHex(gateway.sha256(new Uint8Array([97, 98, 99]))),
];
