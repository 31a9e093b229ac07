const { secp256k1 } = gateway;
const hash = gateway.sha256('message');
const zero = new Uint8Array(64);
const generator = '0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
const said = (f) => { try { return f(); } catch (e) { return `${e.name}: ${e.message}`; } };
export default () => [
  said(() => secp256k1.verify(hash, zero, generator)),
  said(() => secp256k1.verify(hash, zero, '0x02')),
  said(() => secp256k1.verify('0x00', zero, generator)),
  said(() => secp256k1.verify(hash, new Uint8Array(63), generator)),
  said(() => secp256k1.recover(hash, zero, 0)),
  said(() => secp256k1.recover(hash, zero)),
  said(() => secp256k1.recover(hash, zero, 5)),
  said(() => secp256k1.recover(hash, 5)),
];
