// Web Crypto as code for contracts needs it: randomness from the job's seed, hashes, HMAC, AES-GCM, and checking signatures.
// Keys are public or the code's own; those of a node's operator are in `gateway.secret`.
{
  const INTEGERS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, BigInt64Array, BigUint64Array];
  const getRandomValues = function getRandomValues(array) {
    if (!INTEGERS.some((type) => array instanceof type)) throw new DOMException('getRandomValues needs an integer array', 'TypeMismatchError');
    if (array.byteLength > 65536) throw new DOMException('getRandomValues fills at most 65536 bytes', 'QuotaExceededError');
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

  const HASHES = ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];
  const SIZES = { 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };
  const BLOCKS = { 'SHA-1': 64, 'SHA-256': 64, 'SHA-384': 128, 'SHA-512': 128 };
  const RSA = ['RSASSA-PKCS1-v1_5', 'RSA-PSS'];
  const DERIVE = ['HKDF', 'PBKDF2'];
  const NAMES = ['HMAC', 'AES-GCM', 'ECDSA', 'Ed25519', ...RSA, ...DERIVE, ...HASHES];
  const missing = (what) => { throw new DOMException(`${what} is not available`, 'NotSupportedError'); };
  const refuse = (text) => { throw new DOMException(text, 'InvalidAccessError'); };
  // An algorithm as its canonical name and its parameters.
  const algorithmOf = (given) => {
    const text = `${typeof given === 'object' && given !== null ? given.name : given}`;
    const name = NAMES.find((known) => known.toLowerCase() === text.toLowerCase()) ?? missing(`the algorithm ${text}`);
    return { ...(typeof given === 'object' ? given : {}), name };
  };
  const hashOf = (given) => {
    const { name } = algorithmOf(given ?? missing('an algorithm without a hash'));
    return HASHES.includes(name) ? name : missing(`the hash ${name}`);
  };
  const bytesOf = (data) => {
    if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
    if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength));
    throw new TypeError('bytes are needed: an ArrayBuffer or a view of one');
  };
  const fromBase64Url = (text) => fromLooseBase64(`${text}`.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')) ?? refuse('the key is not base64url');
  const toBase64Url = (bytes) => host.toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');

  class CryptoKey {
    #bytes;
    constructor(token, type, extractable, algorithm, usages, bytes) {
      if (token !== ours) throw new TypeError('Illegal constructor');
      this.#bytes = bytes;
      for (const [name, value] of Object.entries({ type, extractable, algorithm, usages })) define(this, name, value);
    }
    static bytes(key) {
      if (!(key instanceof CryptoKey)) throw new TypeError('a CryptoKey is needed');
      return key.#bytes;
    }
  }
  const ours = {};
  const keyBytes = CryptoKey.bytes;
  delete CryptoKey.bytes;
  const makeKey = (type, extractable, algorithm, usages, bytes) =>
    new CryptoKey(ours, type, Boolean(extractable), Object.freeze(algorithm), Object.freeze([...usages]), bytes);
  const use = (key, name, usage) => {
    const bytes = keyBytes(key);
    if (key.algorithm.name !== name) refuse(`the key is one of ${key.algorithm.name} and not of ${name}`);
    if (!key.usages.includes(usage)) refuse(`the key is not for ${usage}`);
    return bytes;
  };
  const allowed = { 'HMAC': ['sign', 'verify'], 'AES-GCM': ['encrypt', 'decrypt'], 'ECDSA': ['verify'], 'Ed25519': ['verify'],
    'RSASSA-PKCS1-v1_5': ['verify'], 'RSA-PSS': ['verify'], 'HKDF': ['deriveKey', 'deriveBits'], 'PBKDF2': ['deriveKey', 'deriveBits'] };
  const checkUsages = (name, usages) => {
    for (const usage of usages) {
      if (!allowed[name].includes(usage)) throw new DOMException(`a key of ${name} is not for ${usage} here`, 'SyntaxError');
    }
  };

  const secretBytes = (format, data) => {
    if (format === 'raw' || format === 'raw-secret') return bytesOf(data);
    if (format === 'jwk' && data?.kty === 'oct') return fromBase64Url(data.k);
    return missing(`the key format ${format}`);
  };
  const publicBytes = (name, curve, format, data) => {
    if (format !== 'jwk') return host.readKey(name, `${curve}`, format === 'raw-public' ? 'raw' : `${format}`, bytesOf(data));
    if (data?.d !== undefined) missing('a private key');
    if (name === 'Ed25519') return data?.crv === 'Ed25519' ? host.readKey(name, '', 'raw', fromBase64Url(data.x)) : null;
    if (data?.kty !== 'EC' || data.crv !== curve) return null;
    const [x, y] = [fromBase64Url(data.x), fromBase64Url(data.y)];
    const point = new Uint8Array(1 + x.length + y.length);
    point[0] = 4;
    point.set(x, 1);
    point.set(y, 1 + x.length);
    return host.readKey(name, curve, 'raw', point);
  };

  // Modulus and exponent of a public key of RSA.
  const rsaParts = (format, data) => {
    let parts = null;
    if (format === 'spki') parts = host.rsaKey(bytesOf(data));
    else if (format !== 'jwk') missing(`the key format ${format}`);
    else if (data?.d !== undefined) missing('a private key');
    else if (data?.kty === 'RSA') parts = [fromBase64Url(data.n), fromBase64Url(data.e)].map((bytes) => bytes.slice(bytes.findIndex((byte) => byte !== 0)));
    if (parts === null || parts.some((part) => part.length === 0)) throw new DOMException(`the bytes are no public key of RSA in the form ${format}`, 'DataError');
    return parts;
  };

  const subtle = {
    async digest(algorithm, data) { return host.digest(hashOf(algorithm), bytesOf(data)).buffer; },
    async importKey(format, data, algorithm, extractable, usages) {
      const { name, hash, namedCurve } = algorithmOf(algorithm);
      if (!(name in allowed)) missing(`a key of ${name}`);
      checkUsages(name, usages);
      if (name === 'HMAC' || name === 'AES-GCM') {
        const bytes = secretBytes(format, data);
        if (name === 'HMAC') return makeKey('secret', extractable, { name, hash: { name: hashOf(hash) }, length: bytes.length * 8 }, usages, bytes);
        if (![16, 24, 32].includes(bytes.length)) throw new DOMException('a key of AES has 16, 24 or 32 bytes', 'DataError');
        return makeKey('secret', extractable, { name, length: bytes.length * 8 }, usages, bytes);
      }
      if (DERIVE.includes(name)) {
        if (format !== 'raw' && format !== 'raw-secret') missing(`the key format ${format}`);
        if (extractable) throw new DOMException(`a key of ${name} is not extractable`, 'SyntaxError');
        return makeKey('secret', false, { name }, usages, bytesOf(data));
      }
      if (RSA.includes(name)) {
        const [modulus, publicExponent] = rsaParts(format, data);
        const modulusLength = modulus.length * 8 - Math.clz32(modulus[0]) + 24;
        if (modulusLength < 2048 || modulusLength > 8192) missing(`a key of RSA with ${modulusLength} bits`);
        return makeKey('public', extractable, { name, hash: { name: hashOf(hash) }, modulusLength, publicExponent }, usages, { modulus, publicExponent });
      }
      if (name === 'ECDSA' && !['P-256', 'P-384'].includes(namedCurve)) missing(`the curve ${namedCurve}`);
      const bytes = publicBytes(name, namedCurve, format, data);
      if (bytes === null) throw new DOMException(`the bytes are no public key of ${name} in the form ${format}`, 'DataError');
      return makeKey('public', extractable, name === 'ECDSA' ? { name, namedCurve } : { name }, usages, bytes);
    },
    async exportKey(format, key) {
      const bytes = keyBytes(key);
      if (!key.extractable) refuse('the key is not extractable');
      if (RSA.includes(key.algorithm.name)) missing('exporting a key of RSA');
      if (format === 'raw') return bytes.slice().buffer;
      if (format === 'jwk' && key.type === 'secret') return { kty: 'oct', k: toBase64Url(bytes), ext: true, key_ops: [...key.usages] };
      return missing(`the key format ${format}`);
    },
    async generateKey(algorithm, extractable, usages) {
      const { name, hash, length } = algorithmOf(algorithm);
      if (name !== 'HMAC' && name !== 'AES-GCM') missing(`generating a key of ${name}`);
      checkUsages(name, usages);
      const bits = length ?? (name === 'HMAC' ? BLOCKS[hashOf(hash)] * 8 : undefined);
      if (name === 'AES-GCM' && ![128, 192, 256].includes(bits)) throw new DOMException('a key of AES has 128, 192 or 256 bits', 'OperationError');
      const bytes = getRandomValues(new Uint8Array(Math.ceil(bits / 8)));
      return makeKey('secret', extractable, name === 'HMAC' ? { name, hash: { name: hashOf(hash) }, length: bits } : { name, length: bits }, usages, bytes);
    },
    async sign(algorithm, key, data) {
      const { name } = algorithmOf(algorithm);
      if (name !== 'HMAC') missing(`signing with ${name}`);
      const bytes = use(key, name, 'sign');
      return host.hmac(key.algorithm.hash.name, bytes, bytesOf(data)).buffer;
    },
    async verify(algorithm, key, signature, data) {
      const { name, hash, saltLength } = algorithmOf(algorithm);
      const bytes = use(key, name, 'verify');
      const [given, input] = [bytesOf(signature), bytesOf(data)];
      if (RSA.includes(name)) {
        const used = hashOf(key.algorithm.hash);
        if (name === 'RSA-PSS' && used === 'SHA-1') missing('RSA-PSS with SHA-1');
        if (name === 'RSA-PSS' && saltLength !== SIZES[used]) missing(`a salt of ${saltLength} bytes with ${used}`);
        return host.rsaVerify(name, used, bytes.modulus, bytes.publicExponent, given, input);
      }
      if (name === 'Ed25519') return host.ed25519Verify(bytes, given, input);
      if (name === 'ECDSA') return host.ecdsaVerify(key.algorithm.namedCurve, hashOf(hash), bytes, given, input);
      const right = host.hmac(key.algorithm.hash.name, bytes, input);
      return right.length === given.length && right.every((byte, i) => byte === given[i]);
    },
    async deriveBits(algorithm, key, length = null) { return derive(algorithm, key, 'deriveBits', length).buffer; },
    async deriveKey(algorithm, key, derived, extractable, usages) {
      const { name, hash, length } = algorithmOf(derived);
      if (name !== 'HMAC' && name !== 'AES-GCM') missing(`deriving a key of ${name}`);
      const bits = length ?? (name === 'HMAC' ? BLOCKS[hashOf(hash)] * 8 : undefined);
      return subtle.importKey('raw', derive(algorithm, key, 'deriveKey', bits), derived, extractable, usages);
    },
    async encrypt(algorithm, key, data) { return aes(true, algorithm, use(key, 'AES-GCM', 'encrypt'), data); },
    async decrypt(algorithm, key, data) { return aes(false, algorithm, use(key, 'AES-GCM', 'decrypt'), data); },
  };
  const derive = (algorithm, key, usage, bits) => {
    const { name, hash, salt, info, iterations } = algorithmOf(algorithm);
    if (!DERIVE.includes(name)) missing(`deriving with ${name}`);
    const secret = use(key, name, usage);
    if (!Number.isInteger(bits) || bits < 0 || bits % 8 !== 0) throw new DOMException('the length is a number of bits, a multiple of 8', 'OperationError');
    const out = name === 'HKDF'
      ? host.hkdf(hashOf(hash), secret, bytesOf(salt), bytesOf(info), bits / 8)
      : host.pbkdf2(hashOf(hash), secret, bytesOf(salt), Number(iterations), bits / 8);
    if (out === null) throw new DOMException(`${name} cannot derive ${bits} bits`, 'OperationError');
    return out;
  };
  const aes = (seal, algorithm, key, data) => {
    const { name, iv, additionalData, tagLength = 128 } = algorithmOf(algorithm);
    if (name !== 'AES-GCM') missing(name);
    if (tagLength !== 128) missing(`a tag of ${tagLength} bits`);
    const out = host.aesGcm(seal, key, bytesOf(iv), additionalData === undefined ? new Uint8Array(0) : bytesOf(additionalData), bytesOf(data));
    if (out === null) throw new DOMException('the text cannot be decrypted', 'OperationError');
    return out.buffer;
  };
  defineClass(CryptoKey);
  define(globalThis, 'crypto', { getRandomValues, randomUUID, subtle });
}
