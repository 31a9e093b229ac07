// RFC 5869 appendix A.1; RFC 6070 test 2; the rest from another implementation of Web Crypto.
const hex = (buffer) => gateway.toHex(new Uint8Array(buffer)).slice(2);
const text = (words) => new TextEncoder().encode(words);
export default async () => {
  const { subtle } = crypto;
  const raw = (data, name, usages = ['deriveBits', 'deriveKey']) => subtle.importKey('raw', data, name, false, usages);
  const ikm = await raw(new Uint8Array(22).fill(0x0b), 'HKDF');
  const salt = gateway.fromHex('000102030405060708090a0b0c');
  const info = gateway.fromHex('f0f1f2f3f4f5f6f7f8f9');
  const secret = await raw(text('secret'), 'HKDF');
  const password = await raw(text('password'), 'PBKDF2');
  const key = await subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt: text('salt'), iterations: 10 }, password, { name: 'AES-GCM', length: 256 }, true, ['encrypt']);
  const mac = await subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt, info }, ikm, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
  const refused = (promise) => promise.then(() => 'taken', (error) => error.name);
  return {
    rfc5869: hex(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, ikm, 336)),
    rfc6070: hex(await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-1', salt: text('salt'), iterations: 2 }, password, 160)),
    hkdf: hex(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: text('salt'), info: text('info') }, secret, 256)),
    pbkdf2: hex(await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt: text('salt'), iterations: 1000 }, await raw(text('secret'), 'PBKDF2'), 256)),
    key: [key.type, key.algorithm.length, (await subtle.exportKey('raw', key)).byteLength],
    mac: [mac.algorithm.length, hex(await subtle.exportKey('raw', mac)).slice(0, 84) === hex(await subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, ikm, 512)).slice(0, 84)],
    refused: [
      await refused(subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, ikm, 8 * 256 * 32)),
      await refused(subtle.deriveBits({ name: 'HKDF', hash: 'SHA-256', salt, info }, ikm, 12)),
      await refused(subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 0 }, password, 128)),
      await refused(subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 1 }, ikm, 128)),
      await refused(subtle.importKey('raw', salt, 'HKDF', true, ['deriveBits'])),
      await refused(subtle.exportKey('raw', ikm)),
    ],
  };
};
