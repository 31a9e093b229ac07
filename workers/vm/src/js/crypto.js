// The part of Web Crypto that code for contracts uses: randomness from the job's seed, and hashes.
{
  const INTEGERS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array];
  const getRandomValues = function getRandomValues(array) {
    if (!INTEGERS.some((type) => array instanceof type)) throw new TypeError('getRandomValues needs an integer array');
    if (array.byteLength > 65536) throw new RangeError('getRandomValues fills at most 65536 bytes');
    host.randomBytes(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    return array;
  };
  const randomUUID = function randomUUID() {
    const bytes = new Uint8Array(16);
    host.randomBytes(bytes);
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = toHex(bytes);
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
  const subtle = {
    async digest(algorithm, data) {
      const name = typeof algorithm === 'string' ? algorithm : algorithm?.name;
      return host.digest(`${name}`.toUpperCase(), data).buffer;
    },
  };
  define(globalThis, 'crypto', { getRandomValues, randomUUID, subtle });
}
