// RFC 4231, test case 2, and RFC 2202, test case 2.
const bytes = (text) => new TextEncoder().encode(text);
export default async () => {
  const out = {};
  for (const hash of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512']) {
    const key = await crypto.subtle.importKey('raw', bytes('Jefe'), { name: 'HMAC', hash }, false, ['sign', 'verify']);
    const code = await crypto.subtle.sign('HMAC', key, bytes('what do ya want for nothing?'));
    out[hash] = gateway.toHex(new Uint8Array(code));
    out[`${hash} verified`] = [await crypto.subtle.verify('HMAC', key, code, bytes('what do ya want for nothing?')), await crypto.subtle.verify('HMAC', key, code, bytes('else'))];
  }
  const jwk = await crypto.subtle.importKey('jwk', { kty: 'oct', k: 'SmVmZQ' }, { name: 'HMAC', hash: { name: 'sha-256' } }, true, ['sign']);
  out.jwk = [gateway.toHex(new Uint8Array(await crypto.subtle.sign({ name: 'hmac' }, jwk, bytes('x')))).slice(0, 10), await crypto.subtle.exportKey('jwk', jwk)];
  return out;
};
