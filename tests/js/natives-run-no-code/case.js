// Code that the host would call in the middle of its own work: it is called before, or not at all, so that the depth
// which recursion reaches is never one of native frames.
export default async () => {
  const seen = [];
  const spy = (name, value) => ({ toString() { seen.push(name); return value; }, valueOf() { seen.push(name); return value; }, toJSON() { seen.push(name); return value; } });
  Object.defineProperty(Array.prototype, '0', { set(value) { seen.push('setter'); Object.defineProperty(this, '0', { value, writable: true, enumerable: true, configurable: true }); }, configurable: true });
  const url = new URL('https://a.example/');
  delete Array.prototype[0];
  const iterator = Headers.prototype[Symbol.iterator];
  Headers.prototype[Symbol.iterator] = function* () { yield [spy('name', 'x-a'), spy('value', '1')]; };
  let request;
  try { request = await fetch('https://nowhere.example/').catch((error) => error.denied); } finally { Headers.prototype[Symbol.iterator] = iterator; }
  const { algorithm } = await crypto.subtle.importKey('raw', new Uint8Array(4), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
  algorithm.hash.name = spy('hash', 'SHA-256');
  const key = await crypto.subtle.importKey('raw', new Uint8Array(4), { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
  key.algorithm.hash.name = spy('hash of a key', 'SHA-256');
  const sign = await crypto.subtle.sign('HMAC', key, new Uint8Array(1)).then(() => 'signed', (error) => error.message);
  return { href: url.href, request, sign, seen };
};
