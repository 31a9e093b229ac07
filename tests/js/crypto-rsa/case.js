// Keys and signatures made with another implementation of Web Crypto, over "the price is 5".
const bytes = Uint8Array.fromBase64;
const text = new TextEncoder().encode('the price is 5');
const PKCS1 = {"spki": "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAo28m/br7zEfjll0P0aAKljkwbOjxfYL9zz+EOFw7npwZJ6433OaDms8picx6I+e21+ZPkSXbxQ0RxUG68Al2jSd/vfOOYTnqD7h+JbZXu5COhfXRIoedJ5uq5UNKu3t5wajmRdTSquA2Rw3PChk0wOzwYVL7TEHWbFzrP/W2s6aLK0pwnUb/TmUAukptw5pdwL1wCXsgOgt6mm8tK9mKAvpjVnIWnvMoDr88fK+9MgIh8LaQ5rJOtgCkajem09qQeUlicA2pD2LzuYy9Uy27XXqCXdGtA4BP+MazxRnLISgVsUeNNKY4zH4vyiFLuiLCYHRZvrR1lkHbeBrgxIlkrQIDAQAB", "n": "o28m_br7zEfjll0P0aAKljkwbOjxfYL9zz-EOFw7npwZJ6433OaDms8picx6I-e21-ZPkSXbxQ0RxUG68Al2jSd_vfOOYTnqD7h-JbZXu5COhfXRIoedJ5uq5UNKu3t5wajmRdTSquA2Rw3PChk0wOzwYVL7TEHWbFzrP_W2s6aLK0pwnUb_TmUAukptw5pdwL1wCXsgOgt6mm8tK9mKAvpjVnIWnvMoDr88fK-9MgIh8LaQ5rJOtgCkajem09qQeUlicA2pD2LzuYy9Uy27XXqCXdGtA4BP-MazxRnLISgVsUeNNKY4zH4vyiFLuiLCYHRZvrR1lkHbeBrgxIlkrQ", "e": "AQAB", "signature": "BXHQpkecvd5/h4pRHBEZkIv59nhN+WO4RtaHz3Sc6r0htAt9qUrfpaaE21E0GDyT95qMnw20WzLLTKS0pkqJVS3Hk+LT1fcG616Gt5UJ8pr9o1gIWvaQBEU8pbbocwK24rRbvzZpMsOivAY4ZUiakhA3rzmVzMbOkAkdQOKM43sRFADbK7Bsv01kvhGkjmPQWr2JD5PPj4wWjfvFSHG1FQ0eZVO9Jto82IcV2Peg06zGzNy/84aCqH8/iGx04Jhaw47S+Nqqkx2QS+ufLxc4/KakfHHmJdkkpQevfnbfnumrB1D7+ynF5a5onSCTOJzDCtFfPUgrmkCPqg+MNmEy0g=="};
const PSS = {"spki": "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAsREudSeTKH1K3rAR/D05UhWngZhTJCGGhcPxVj6yQFM+yHnVBV80dseJCXMJleS4BoKoYkXyVM4W8SK87EFNeitjTIRmkHt7A0zTwxLvKjCa3DnRH7OJWd5637qyGlLKyNaG6zPWaqMMvmPRplDB8ZCJi2VyZzdTNjK1+FOVWsrC9MvfMkhtfWfu9fgI2M15qiTwxyVP7QySie3kupUL3hMwjW2t0TTQ8woksbz/Upru5iVKtFcs499YXm23iUSiW2Gcs5oFPAPYwVUoAR/JW4ElkPgE7VC6olWfIYYSAFlj4NBtNbQFRg511mahz54FP29b0DEGq2O8f7z0LSXKywIDAQAB", "n": "sREudSeTKH1K3rAR_D05UhWngZhTJCGGhcPxVj6yQFM-yHnVBV80dseJCXMJleS4BoKoYkXyVM4W8SK87EFNeitjTIRmkHt7A0zTwxLvKjCa3DnRH7OJWd5637qyGlLKyNaG6zPWaqMMvmPRplDB8ZCJi2VyZzdTNjK1-FOVWsrC9MvfMkhtfWfu9fgI2M15qiTwxyVP7QySie3kupUL3hMwjW2t0TTQ8woksbz_Upru5iVKtFcs499YXm23iUSiW2Gcs5oFPAPYwVUoAR_JW4ElkPgE7VC6olWfIYYSAFlj4NBtNbQFRg511mahz54FP29b0DEGq2O8f7z0LSXKyw", "e": "AQAB", "signature": "M3gIFYP5dWdVs0Nh6EwCDZBQZzWmyGNvqKVx+BtkYOW7uYfZkSqxJ1FDXUATXABoUBsKmaGVzB1cBMHZ//c49WeXTAdRNWBrWwVDs1Jpd0BDCh5DnHLul2h5iIJ/WH5mPPKbrKYMpCBEtUUl5Hor6HYDgwmCQzb6E1PEncgYpOlSz1+n1HaJelAvGt3EvlFcN0BdFYj79qDfg9g+ARlr8zo34bFQZtXNtzW+PVfdAKdKPVKM75DwzVMgkW0vT/saGUAVoRln8rLp0f/xcAV64dJY/ofgMD2PZxJWbwpBRJhjQSTSbJqGtiWp0edgfM9H9mbF2Xvcc/FJ8n/yPTfrig=="};
export default async () => {
  const { subtle } = crypto;
  const out = {};
  for (const [name, given, parameters] of [['RSASSA-PKCS1-v1_5', PKCS1, 'rsassa-pkcs1-v1_5'], ['RSA-PSS', PSS, { name: 'RSA-PSS', saltLength: 32 }]]) {
    const jwk = { kty: 'RSA', n: given.n, e: given.e };
    for (const [format, data] of [['spki', bytes(given.spki)], ['jwk', jwk]]) {
      const key = await subtle.importKey(format, data, { name, hash: 'SHA-256' }, true, ['verify']);
      const other = await subtle.importKey(format, data, { name, hash: 'SHA-512' }, true, ['verify']);
      const signature = bytes(given.signature);
      out[`${name} ${format}`] = [
        await subtle.verify(parameters, key, signature, text),
        await subtle.verify(parameters, key, signature, text.slice(1)),
        await subtle.verify(parameters, key, signature.slice(1), text),
        name === 'RSA-PSS' ? await subtle.verify({ name, saltLength: 64 }, other, signature, text) : await subtle.verify(parameters, other, signature, text),
      ];
      out.key = [key.type, key.algorithm.modulusLength, [...key.algorithm.publicExponent], key.algorithm.hash.name];
    }
  }
  const refused = async (...args) => subtle.importKey(...args).then(() => 'taken', (error) => error.name);
  out.refused = [
    await refused('spki', bytes(PKCS1.spki).slice(1), { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']),
    await refused('jwk', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }, { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']),
    await refused('jwk', { kty: 'RSA', n: PKCS1.n, e: 'AQAB', d: 'AQAB' }, { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']),
    await refused('spki', bytes(PKCS1.spki), { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['sign']),
    await subtle.verify({ name: 'RSA-PSS', saltLength: 20 }, await subtle.importKey('spki', bytes(PSS.spki), { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']), bytes(PSS.signature), text).catch((error) => error.name),
  ];
  return out;
};
