// RFC 8032 section 7.1, test 2; RFC 6979 appendices A.2.5 and A.2.6, message "sample".
const hex = gateway.fromHex;
const text = new TextEncoder().encode('sample');
const P256 = {
  key: '0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299',
  signature: 'efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8',
};
const P384 = {
  key: '04ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc138015d9b72d7d57244ea8ef9ac0c621896708a59367f9dfb9f54ca84b3f1c9db1288b231c3ae0d4fe7344fd2533264720',
  signature: '94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8',
};
const ED = {
  key: '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
  signature: '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
};
export default async () => {
  const { subtle } = crypto;
  const out = {};
  for (const [namedCurve, { key, signature }, hash, head] of [
    ['P-256', P256, 'SHA-256', '3059301306072a8648ce3d020106082a8648ce3d030107034200'],
    ['P-384', P384, 'SHA-384', '3076301006072a8648ce3d020106052b81040022036200'],
  ]) {
    for (const [format, bytes] of [['raw', key], ['spki', head + key]]) {
      const imported = await subtle.importKey(format, hex(bytes), { name: 'ECDSA', namedCurve }, true, ['verify']);
      out[`${namedCurve} ${format}`] = [
        await subtle.verify({ name: 'ECDSA', hash }, imported, hex(signature), text),
        await subtle.verify({ name: 'ECDSA', hash: 'SHA-1' }, imported, hex(signature), text),
        await subtle.verify({ name: 'ECDSA', hash }, imported, hex(signature).slice(1), text),
      ];
    }
  }
  for (const [format, bytes] of [['raw', ED.key], ['spki', `302a300506032b6570032100${ED.key}`]]) {
    const key = await subtle.importKey(format, hex(bytes), 'Ed25519', true, ['verify']);
    out[`Ed25519 ${format}`] = [await subtle.verify('Ed25519', key, hex(ED.signature), hex('72')), await subtle.verify('Ed25519', key, hex(ED.signature), hex('73'))];
  }
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw' };
  out.jwk = await subtle.verify('Ed25519', await subtle.importKey('jwk', jwk, 'Ed25519', true, ['verify']), hex(ED.signature), hex('72'));
  return out;
};
