// TextEncoder and TextDecoder (UTF-8), base64, structuredClone.
class TextEncoder {
  get encoding() { return 'utf-8'; }
  encode(text = '') { return host.encode(`${text}`); }
  encodeInto(text, target) {
    let read = 0;
    let written = 0;
    for (const character of `${text}`) {
      const bytes = host.encode(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}

class TextDecoder {
  #fatal;
  #ignoreBOM;
  #encoding;
  // The host's number of the decoder that a stream is in; and whether its text has begun.
  #open = null;
  #begun = false;
  constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
    this.#encoding = host.encodingOf(`${label}`);
    if (this.#encoding === null) throw new RangeError(`the encoding ${label} is not known`);
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }
  get encoding() { return this.#encoding; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#ignoreBOM; }
  decode(bytes = new Uint8Array(0), { stream = false } = {}) {
    if (!stream && this.#open === null) return this.#withoutMark(host.decode(bytes, this.#fatal, this.#encoding));
    const piece = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
    const [open, begun] = [this.#open ?? host.openDecoder(this.#encoding), this.#begun];
    // What fails, and what ends, begins anew with the next call.
    [this.#open, this.#begun] = [null, false];
    const text = host.decodeNext(open, piece, this.#fatal, !stream);
    if (stream) [this.#open, this.#begun] = [open, begun || text !== ''];
    return begun ? text : this.#withoutMark(text);
  }
  #withoutMark(text) { return !this.#ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text; }
}
defineClass(TextEncoder);
defineClass(TextDecoder);

define(globalThis, 'btoa', function btoa(data) {
  const text = `${data}`;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) throw new DOMException('btoa: a character is above 255; encode the text to bytes first', 'InvalidCharacterError');
    bytes[i] = code;
  }
  return host.toBase64(bytes);
});
define(globalThis, 'atob', function atob(data) {
  let text = `${data}`.replace(/[\t\n\f\r ]/g, '');
  if (text.length % 4 === 0) text = text.replace(/==?$/, '');
  const bytes = text.length % 4 === 1 || /=/.test(text) ? null : fromLooseBase64(text);
  if (bytes === null) throw new DOMException('atob: the text is not base64', 'InvalidCharacterError');
  let out = '';
  for (let i = 0; i < bytes.length; i += 4096) out += String.fromCharCode.apply(null, bytes.subarray(i, i + 4096));
  return out;
});
// The standard lets the unused bits of the last character be anything; the host's decoder wants zeros.
function fromLooseBase64(text) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const unused = [0, 0, 4, 2][text.length % 4];
  if (unused > 0) {
    const value = alphabet.indexOf(text.at(-1));
    if (value === -1) return null;
    text = text.slice(0, -1) + alphabet[value & ~((1 << unused) - 1)];
  }
  return host.fromBase64(text + '='.repeat((4 - (text.length % 4)) % 4));
}

define(globalThis, 'structuredClone', function structuredClone(value) {
  const seen = new Map();
  const refuse = (what) => { throw new DOMException(`structuredClone: ${what} cannot be cloned`, 'DataCloneError'); };
  // Whatever the name: `__proto__` too is a property of the copy and nothing else.
  const copyInto = (copy, item) => {
    for (const key of Object.keys(item)) {
      Object.defineProperty(copy, key, { value: clone(item[key]), writable: true, enumerable: true, configurable: true });
    }
    return copy;
  };
  const clone = (item) => {
    if (typeof item === 'function' || typeof item === 'symbol') refuse(`a ${typeof item}`);
    if (typeof item !== 'object' || item === null) return item;
    if (seen.has(item)) return seen.get(item);
    if (host.isUncloneable(item)) refuse('a proxy, promise, generator, weak collection or module');
    const keep = (copy) => { seen.set(item, copy); return copy; };
    if (Array.isArray(item)) {
      return copyInto(keep(new Array(item.length)), item);
    }
    if (item instanceof Date) return keep(new Date(item.getTime()));
    if (item instanceof RegExp) return keep(new RegExp(item.source, item.flags));
    if (item instanceof ArrayBuffer) return keep(item.slice(0));
    if (item instanceof DataView) return keep(new DataView(clone(item.buffer), item.byteOffset, item.byteLength));
    if (ArrayBuffer.isView(item)) {
      return keep(new globalThis[item[Symbol.toStringTag]](clone(item.buffer), item.byteOffset, item.length));
    }
    if (item instanceof Map) {
      const copy = keep(new Map());
      for (const [key, entry] of [...item]) copy.set(clone(key), clone(entry));
      return copy;
    }
    if (item instanceof Set) {
      const copy = keep(new Set());
      for (const entry of [...item]) copy.add(clone(entry));
      return copy;
    }
    if (item instanceof Error) {
      const known = ['EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError', 'URIError'];
      const copy = keep(new globalThis[known.includes(item.name) ? item.name : 'Error'](item.message));
      if ('cause' in item) define(copy, 'cause', clone(item.cause));
      return copy;
    }
    if (item instanceof Number || item instanceof String || item instanceof Boolean || item instanceof BigInt) {
      return keep(Object(item.valueOf()));
    }
    if (item instanceof File) return keep(new File([item], item.name, { type: item.type, lastModified: item.lastModified }));
    if (item instanceof Blob) return keep(new Blob([item], { type: item.type }));
    for (const type of [Request, Response, Headers, FormData, URL, URLSearchParams, EventTarget, Event, ReadableStream, WritableStream, TransformStream]) {
      if (item instanceof type) refuse(`a ${type.name}`);
    }
    return copyInto(keep({}), item);
  };
  return clone(value);
});
