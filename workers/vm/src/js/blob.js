// Blob, File and FormData.
class Blob {
  #bytes;
  #type;
  constructor(parts = [], { type = '' } = {}) {
    const pieces = [...parts].map((part) => {
      if (part instanceof Blob) return part.#bytes;
      if (part instanceof ArrayBuffer) return new Uint8Array(part.slice(0));
      if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer.slice(part.byteOffset, part.byteOffset + part.byteLength));
      return host.encode(`${part}`);
    });
    this.#bytes = joinBytes(pieces);
    this.#type = /^[\x20-\x7e]*$/.test(type) ? `${type}`.toLowerCase() : '';
  }
  get size() { return this.#bytes.length; }
  get type() { return this.#type; }
  slice(start = 0, end = this.size, type = '') { return new Blob([this.#bytes.slice(start, end)], { type }); }
  async arrayBuffer() { return this.#bytes.slice().buffer; }
  async bytes() { return this.#bytes.slice(); }
  async text() { return new TextDecoder().decode(this.#bytes); }
  stream() { return streamOf(this.#bytes); }
  static bytes(blob) { return blob.#bytes; }
}
const blobBytes = Blob.bytes;
delete Blob.bytes;
class File extends Blob {
  #name;
  #lastModified;
  constructor(parts, name, options = {}) {
    super(parts, options);
    this.#name = `${name}`;
    this.#lastModified = Number(options.lastModified ?? Date.now());
  }
  get name() { return this.#name; }
  get lastModified() { return this.#lastModified; }
}
function joinBytes(pieces) {
  const out = new Uint8Array(pieces.reduce((n, piece) => n + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

class FormData {
  #entries = [];
  static #value(value, name) {
    if (!(value instanceof Blob)) return `${value}`;
    return value instanceof File && name === undefined ? value : new File([value], name ?? 'blob', { type: value.type });
  }
  append(name, value, filename) { this.#entries.push([`${name}`, FormData.#value(value, filename)]); }
  set(name, value, filename) {
    const entry = [`${name}`, FormData.#value(value, filename)];
    const at = this.#entries.findIndex(([other]) => other === entry[0]);
    this.#entries = this.#entries.filter(([other], i) => other !== entry[0] || i === at);
    if (at === -1) this.#entries.push(entry);
    else this.#entries[this.#entries.findIndex(([other]) => other === entry[0])] = entry;
  }
  get(name) { return this.#entries.find(([other]) => other === `${name}`)?.[1] ?? null; }
  getAll(name) { return this.#entries.filter(([other]) => other === `${name}`).map(([, value]) => value); }
  has(name) { return this.#entries.some(([other]) => other === `${name}`); }
  delete(name) { this.#entries = this.#entries.filter(([other]) => other !== `${name}`); }
  forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
  keys() { return this.#entries.map(([name]) => name)[Symbol.iterator](); }
  values() { return this.#entries.map(([, value]) => value)[Symbol.iterator](); }
  entries() { return this.#entries.map(([name, value]) => [name, value])[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}
// multipart/form-data (RFC 7578). The boundary comes from the run's randomness: the same on every node.
function encodeForm(form) {
  const random = new Uint8Array(16);
  host.randomBytes(random);
  const boundary = `----gateway${toHex(random)}`;
  const escape = (text) => text.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
  const pieces = [];
  for (const [name, value] of form) {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${escape(name)}"`;
    if (value instanceof File) {
      pieces.push(host.encode(`${head}; filename="${escape(value.name)}"\r\nContent-Type: ${value.type || 'application/octet-stream'}\r\n\r\n`), blobBytes(value));
    } else pieces.push(host.encode(`${head}\r\n\r\n${value.replace(/\r?\n|\r/g, '\r\n')}`));
    pieces.push(host.encode('\r\n'));
  }
  pieces.push(host.encode(`--${boundary}--\r\n`));
  return [joinBytes(pieces), `multipart/form-data; boundary=${boundary}`];
}

for (const type of [Blob, File, FormData]) defineClass(type);
