// A digest shorter than half of the field: FIPS 186-5 section 6.4.2 pads it with zeros.
const KEY = '043d6062618679e06cd5cdad732109c597e6506d530740d06a316879c5fdcb1ceedb155dc1f300002b6534c78d5904ba5f9d9ffe47e7cbf6eec59161aff696bcf1b330155507d4e51221302d71a6983bd89c3ffe53ab785b3f107887284c46676e';
const SIGNATURE = 'e4683374bf751e09cd498fb63c833de0e7416117772c26521c0eec36f67f81778b859849dec8fa614a1c6379d5637439c70aa5ef3bc70914676f2093472371be6b10e1d772a5e2d2e85d49cd2782b41be2a39dd4e2c341bee2d24fbf7428bf15';
export default async () => {
  const key = await crypto.subtle.importKey('raw', gateway.fromHex(KEY), { name: 'ECDSA', namedCurve: 'P-384' }, true, ['verify']);
  const verify = (text) => crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-1' }, key, gateway.fromHex(SIGNATURE), new TextEncoder().encode(text));
  return [await verify('hello'), await verify('other')];
};
