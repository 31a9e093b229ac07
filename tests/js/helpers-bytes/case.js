const buffer = new Uint8Array([1, 171, 255]).buffer;
const word = (f) => { try { return f(); } catch (error) { return `${error.name}: ${error.message}`; } };
const { toHex, sha256, abi } = gateway;
export default () => [
  toHex(buffer), toHex(new DataView(buffer, 1)), toHex(new Uint16Array([0x0201])), toHex(new Uint8ClampedArray(buffer)),
  toHex('0xAB'), toHex('ab'), word(() => toHex([1, 300])), word(() => toHex(undefined)),
  toHex(sha256(new DataView(buffer, 1, 1))) === toHex(sha256(new Uint8Array([171]))),
  abi.encode(['bytes'], [new DataView(buffer)]).slice(-64, -56),
];
