// `gateway`: what code for contracts needs and JavaScript lacks. Bytes may be given as Uint8Array, as a
// hexadecimal string that starts with 0x, or as text, which is taken as UTF-8.
const HEX = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'));
function toHex(bytes) {
  let out = '';
  for (let i = 0; i < bytes.length; i++) out += HEX[bytes[i]];
  return out;
}
function fromHex(text) {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) throw new TypeError(`'${text}' is not hexadecimal`);
  const out = new Uint8Array(digits.length / 2);
  for (let i = 0; i < out.length; i++) out[i] = parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return out;
}
function isBuffer(value) { return value instanceof ArrayBuffer || ArrayBuffer.isView(value); }
function toBytes(value) {
  if (value instanceof Uint8Array) return value;
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (typeof value !== 'string') throw new TypeError('bytes are given as Uint8Array, another view, ArrayBuffer, 0x\u2026 or text');
  return value.startsWith('0x') ? fromHex(value) : host.encode(value);
}

// ABI of Solidity: encode(types, values) and decode(types, data), with static and dynamic types, arrays and tuples.
const abi = (() => {
  const parse = (type) => {
    const array = /^(.*)\[(\d*)\]$/.exec(type);
    if (array) {
      const item = parse(array[1]);
      const length = array[2] === '' ? undefined : Number(array[2]);
      const dynamic = length === undefined || item.dynamic;
      return { kind: 'array', item, length, dynamic, words: dynamic ? 1 : item.words * length, type };
    }
    if (type.startsWith('(') && type.endsWith(')')) {
      const items = [];
      let depth = 0;
      let start = 1;
      for (let i = 1; i < type.length; i++) {
        const c = type[i];
        if (c === '(') depth++;
        else if (c === ')' && depth > 0) depth--;
        else if ((c === ',' && depth === 0) || i === type.length - 1) {
          if (i > start) items.push(parse(type.slice(start, i).trim()));
          start = i + 1;
        }
      }
      const dynamic = items.some((item) => item.dynamic);
      return { kind: 'tuple', items, dynamic, words: dynamic ? 1 : items.reduce((n, item) => n + item.words, 0), type };
    }
    if (type === 'string' || type === 'bytes') return { kind: type, dynamic: true, words: 1, type };
    const number = /^(u?)int(\d*)$/.exec(type);
    if (number) {
      const bits = BigInt(number[2] || 256);
      if (bits % 8n === 0n && bits >= 8n && bits <= 256n) return { kind: 'int', signed: number[1] === '', bits, dynamic: false, words: 1, type };
    }
    const fixed = /^bytes(\d+)$/.exec(type);
    if (fixed && fixed[1] >= 1 && fixed[1] <= 32) return { kind: 'fixed', length: Number(fixed[1]), dynamic: false, words: 1, type };
    if (type === 'address' || type === 'bool') return { kind: type, dynamic: false, words: 1, type };
    throw new TypeError(`abi: the type '${type}' is not known`);
  };
  const word = (value) => BigInt.asUintN(256, value).toString(16).padStart(64, '0');
  const right = (hex) => hex.padEnd(Math.ceil(hex.length / 64) * 64, '0');
  const sequence = (types, values) => {
    let head = '';
    let tail = '';
    const size = types.reduce((n, type) => n + type.words, 0) * 32;
    types.forEach((type, i) => {
      const text = one(type, values[i]);
      if (type.dynamic) {
        head += word(BigInt(size + tail.length / 2));
        tail += text;
      } else head += text;
    });
    return head + tail;
  };
  const one = (type, value) => {
    switch (type.kind) {
      case 'int': {
        const n = toInteger(value);
        const [low, high] = type.signed ? [-(1n << (type.bits - 1n)), 1n << (type.bits - 1n)] : [0n, 1n << type.bits];
        if (n < low || n >= high) throw new RangeError(`abi: ${n} does not fit ${type.type}`);
        return word(n);
      }
      case 'bool': return word(value ? 1n : 0n);
      case 'address': {
        const bytes = fromHex(`${value}`);
        if (bytes.length !== 20) throw new TypeError(`abi: '${value}' is not an address`);
        return toHex(bytes).padStart(64, '0');
      }
      case 'fixed': {
        const bytes = toBytes(value);
        if (bytes.length !== type.length) throw new RangeError(`abi: ${bytes.length} bytes do not fit ${type.type}`);
        return right(toHex(bytes));
      }
      case 'bytes': case 'string': {
        const bytes = type.kind === 'string' ? host.encode(`${value}`) : toBytes(value);
        return word(BigInt(bytes.length)) + right(toHex(bytes));
      }
      case 'tuple': {
        const values = Array.isArray(value) ? value : Object.values(value);
        if (values.length !== type.items.length) throw new RangeError(`abi: ${type.type} needs ${type.items.length} values`);
        return sequence(type.items, values);
      }
      default: {
        if (!Array.isArray(value) || (type.length !== undefined && value.length !== type.length)) {
          throw new RangeError(`abi: the value for ${type.type} is not a list of that length`);
        }
        const items = sequence(value.map(() => type.item), value);
        return type.length === undefined ? word(BigInt(value.length)) + items : items;
      }
    }
  };
  const read = (bytes, types, base) => {
    let at = base;
    return types.map((type) => {
      let start = at;
      if (type.dynamic) start = base + count(bytes, at);
      at += type.words * 32;
      return readOne(bytes, type, start);
    });
  };
  const slice = (bytes, at, length) => {
    if (at + length > bytes.length) throw new RangeError('abi: the data ends too early');
    return bytes.subarray(at, at + length);
  };
  const big = (bytes, at) => BigInt(`0x${toHex(slice(bytes, at, 32))}`);
  const count = (bytes, at) => {
    const n = big(bytes, at);
    if (n > BigInt(bytes.length)) throw new RangeError('abi: an offset or length lies outside the data');
    return Number(n);
  };
  const readOne = (bytes, type, at) => {
    switch (type.kind) {
      case 'int': {
        const n = big(bytes, at);
        const value = type.signed ? BigInt.asIntN(Number(type.bits), n) : BigInt.asUintN(Number(type.bits), n);
        if (BigInt.asUintN(256, value) !== n) throw new RangeError(`abi: a value does not fit ${type.type}`);
        return value;
      }
      case 'bool': return big(bytes, at) !== 0n;
      case 'address': return `0x${toHex(slice(bytes, at + 12, 20))}`;
      case 'fixed': return `0x${toHex(slice(bytes, at, type.length))}`;
      case 'bytes': return `0x${toHex(slice(bytes, at + 32, count(bytes, at)))}`;
      case 'string': return host.decode(slice(bytes, at + 32, count(bytes, at)), true);
      case 'tuple': return read(bytes, type.items, at);
      default: {
        const dynamic = type.length === undefined;
        const length = dynamic ? count(bytes, at) : type.length;
        return read(bytes, Array.from({ length }, () => type.item), dynamic ? at + 32 : at);
      }
    }
  };
  return {
    encode(types, values) {
      if (types.length !== values.length) throw new RangeError('abi: as many values as types are needed');
      return `0x${sequence(types.map(parse), values)}`;
    },
    decode(types, data) { return read(toBytes(data), types.map(parse), 0); },
    selector(signature) { return `0x${toHex(host.digest('KECCAK-256', host.encode(signature))).slice(0, 8)}`; },
  };
})();

// A whole number of any kind: what BigInt takes, or a Decimal.
function toInteger(value) { return BigInt(value instanceof Decimal ? `${value}` : value); }

// Decimal numbers of any size: exact sums and products, division to a chosen number of places. Immutable.
const MAX_PLACES = 10000;
class Decimal {
  #digits;
  #scale;
  constructor(value = 0) {
    if (value instanceof Decimal) {
      this.#digits = value.#digits;
      this.#scale = value.#scale;
      return;
    }
    const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i.exec(`${value}`.trim());
    if (!parts || (parts[2] === '' && (parts[3] ?? '') === '')) throw new TypeError(`'${value}' is not a decimal number`);
    const [, sign, whole, fraction = '', exponent = '0'] = parts;
    this.#digits = BigInt(`${whole}${fraction}` || '0') * (sign === '-' ? -1n : 1n);
    this.#scale = fraction.length - Number(exponent);
    if (this.#scale < 0) {
      this.#digits *= 10n ** BigInt(-this.#scale);
      this.#scale = 0;
    }
    this.#trim();
  }
  static #of(digits, scale) {
    const out = new Decimal(0);
    out.#digits = digits;
    out.#scale = scale;
    out.#trim();
    return out;
  }
  #trim() {
    while (this.#scale > 0 && this.#digits % 10n === 0n) {
      this.#digits /= 10n;
      this.#scale--;
    }
  }
  static #places(places, low) {
    if (typeof places !== 'number') throw new TypeError(`the number of places is an integer and not a ${typeof places}`);
    if (!Number.isInteger(places) || places < low || places > MAX_PLACES) {
      throw new RangeError(`the number of places is an integer from ${low} to ${MAX_PLACES} and not ${places}`);
    }
  }
  #at(scale) { return this.#digits * 10n ** BigInt(scale - this.#scale); }
  static #round(numerator, denominator, mode) {
    const negative = numerator < 0n !== denominator < 0n;
    const n = numerator < 0n ? -numerator : numerator;
    const d = denominator < 0n ? -denominator : denominator;
    let quotient = n / d;
    const rest = n % d;
    const up = { down: false, up: rest > 0n, floor: negative && rest > 0n, ceil: !negative && rest > 0n,
      half: rest * 2n >= d, even: rest * 2n > d || (rest * 2n === d && quotient % 2n === 1n) }[mode];
    if (up === undefined) throw new RangeError(`the rounding '${mode}' is not known`);
    if (up) quotient += 1n;
    return negative ? -quotient : quotient;
  }
  plus(other) {
    const b = new Decimal(other);
    const scale = Math.max(this.#scale, b.#scale);
    return Decimal.#of(this.#at(scale) + b.#at(scale), scale);
  }
  minus(other) { return this.plus(new Decimal(other).negated()); }
  times(other) {
    const b = new Decimal(other);
    return Decimal.#of(this.#digits * b.#digits, this.#scale + b.#scale);
  }
  dividedBy(other, places = 18, mode = 'half') {
    Decimal.#places(places, 0);
    const b = new Decimal(other);
    if (b.#digits === 0n) throw new RangeError('division by zero');
    const numerator = this.#digits * 10n ** BigInt(places + b.#scale);
    return Decimal.#of(Decimal.#round(numerator, b.#digits * 10n ** BigInt(this.#scale), mode), places);
  }
  negated() { return Decimal.#of(-this.#digits, this.#scale); }
  abs() { return this.#digits < 0n ? this.negated() : this; }
  // Fewer than no places: to tens, hundreds and so on.
  round(places = 0, mode = 'half') {
    Decimal.#places(places, -MAX_PLACES);
    if (this.#scale <= places) return this;
    const digits = Decimal.#round(this.#digits, 10n ** BigInt(this.#scale - places), mode);
    return places < 0 ? Decimal.#of(digits * 10n ** BigInt(-places), 0) : Decimal.#of(digits, places);
  }
  compare(other) {
    const b = new Decimal(other);
    const scale = Math.max(this.#scale, b.#scale);
    const [x, y] = [this.#at(scale), b.#at(scale)];
    return x < y ? -1 : x > y ? 1 : 0;
  }
  equals(other) { return this.compare(other) === 0; }
  toFixed(places = 0) {
    Decimal.#places(places, 0);
    const rounded = this.round(places);
    return Decimal.#text(rounded.#at(places), places);
  }
  static #text(digits, scale) {
    const text = (digits < 0n ? -digits : digits).toString().padStart(scale + 1, '0');
    const whole = text.slice(0, text.length - scale);
    return `${digits < 0n ? '-' : ''}${whole}${scale > 0 ? `.${text.slice(-scale)}` : ''}`;
  }
  toBigInt(decimals = 0) {
    Decimal.#places(decimals, 0);
    return this.round(decimals, 'down').#at(decimals);
  }
  toNumber() { return Number(this.toString()); }
  toString() { return Decimal.#text(this.#digits, this.#scale); }
  toJSON() { return this.toString(); }
  // Operators would compare and join the texts.
  valueOf() { throw new TypeError('a Decimal has no operators: use compare, plus, minus, times, or toNumber()'); }
  static median(values) {
    if (values.length === 0) throw new RangeError('the median of nothing');
    const sorted = values.map((value) => new Decimal(value)).sort((a, b) => a.compare(b));
    const middle = sorted.length >> 1;
    return sorted.length % 2 === 1 ? sorted[middle] : sorted[middle - 1].plus(sorted[middle]).times('0.5');
  }
}

// Signatures are 64 bytes, or 65 whose last one is the recovery id as Ethereum (27, 28) or anybody (0, 1) writes it.
const secp256k1 = (() => {
  const inputs = (hash, signature) => {
    const digest = toBytes(hash);
    const bytes = toBytes(signature);
    if (digest.length !== 32) throw new TypeError('secp256k1: a hash of 32 bytes is needed');
    if (bytes.length !== 64 && bytes.length !== 65) throw new TypeError('secp256k1: a signature has 64 or 65 bytes');
    return [digest, bytes.subarray(0, 64), bytes[64]];
  };
  return {
    verify(hash, signature, publicKey) {
      const [digest, bytes] = inputs(hash, signature);
      return host.secp256k1Verify(digest, bytes, toBytes(publicKey));
    },
    recover(hash, signature, recovery = undefined) {
      const [digest, bytes, last] = inputs(hash, signature);
      const id = Number(recovery ?? last);
      return host.secp256k1Recover(digest, bytes, id >= 27 ? id - 27 : id);
    },
  };
})();

const gateway = {
  abi,
  Decimal,
  sha256: (data) => host.digest('SHA-256', toBytes(data)),
  keccak256: (data) => host.digest('KECCAK-256', toBytes(data)),
  ripemd160: (data) => host.digest('RIPEMD-160', toBytes(data)),
  secp256k1,
  toHex: (bytes) => `0x${toHex(toBytes(bytes))}`,
  fromHex,
  bech32: {
    encode: (prefix, data) => host.bech32Encode(`${prefix}`, toBytes(data)),
    decode(text) {
      const [prefix, bytes] = host.bech32Decode(`${text}`);
      return { prefix, bytes };
    },
  },
};
define(globalThis, 'gateway', gateway);
