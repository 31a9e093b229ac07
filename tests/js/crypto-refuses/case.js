const bytes = (text) => new TextEncoder().encode(text);
const failure = async (make) => { try { await make(); return 'passed'; } catch (error) { return `${error.name}: ${error.message}`; } };
export default async () => {
  const { subtle } = crypto;
  const key = await subtle.importKey('raw', bytes('Jefe'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  return [
    await failure(() => subtle.importKey('raw', bytes('k'), { name: 'HMAC', hash: 'MD5' }, false, ['sign'])),
    await failure(() => subtle.importKey('raw', bytes('k'), 'AES-GCM', false, ['encrypt'])),
    await failure(() => subtle.importKey('raw', bytes('k'), { name: 'RSA-PSS' }, false, [])),
    await failure(() => subtle.importKey('raw', bytes('k'), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify'])),
    await failure(() => subtle.importKey('raw', bytes('k'), { name: 'ECDSA', namedCurve: 'P-521' }, false, ['verify'])),
    await failure(() => subtle.importKey('raw', bytes('k'), { name: 'Ed25519' }, false, ['sign'])),
    await failure(() => subtle.exportKey('raw', key)),
    await failure(() => subtle.verify('HMAC', key, bytes('x'), bytes('y'))),
    await failure(() => subtle.sign('HMAC', {}, bytes('y'))),
    await failure(() => subtle.digest('SHA-256', 'text')),
    await failure(() => new CryptoKey()),
  ];
};
