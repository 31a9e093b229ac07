// The first cases of McGrew and Viega, with 128 and 256 bits.
export default async () => {
  const out = [];
  for (const length of [16, 32]) {
    const key = await crypto.subtle.importKey('raw', new Uint8Array(length), 'AES-GCM', false, ['encrypt', 'decrypt']);
    const algorithm = { name: 'AES-GCM', iv: new Uint8Array(12) };
    const sealed = await crypto.subtle.encrypt(algorithm, key, new Uint8Array(16));
    out.push(gateway.toHex(new Uint8Array(sealed)));
    out.push(gateway.toHex(new Uint8Array(await crypto.subtle.decrypt(algorithm, key, sealed))));
    try { await crypto.subtle.decrypt({ ...algorithm, additionalData: new Uint8Array(1) }, key, sealed); } catch (error) { out.push(error.name); }
  }
  return out;
};
