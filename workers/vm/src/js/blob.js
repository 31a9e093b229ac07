// Blob, File and FormData, and the streams in which bodies are read.
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

// A stream that code makes or reads. Chunks wait in a list without a bound: everything is in memory already.
class ReadableStream {
  #chunks = [];
  #waiting = [];
  #state = 'open';
  #error;
  #locked = false;
  #source;
  #pulling = false;
  constructor(source = {}) {
    this.#source = source ?? {};
    const stream = this;
    this.#controller = {
      get desiredSize() { return stream.#state === 'open' ? 1 - stream.#chunks.length : 0; },
      enqueue(chunk) {
        if (stream.#state !== 'open') throw new TypeError('the stream is closed');
        const next = stream.#waiting.shift();
        if (next === undefined) stream.#chunks.push(chunk);
        else next.resolve({ value: chunk, done: false });
      },
      close() { stream.#end('closed'); },
      error(reason) { stream.#end('errored', reason); },
    };
    this.#source.start?.(this.#controller);
  }
  #controller;
  #end(state, reason) {
    if (this.#state !== 'open') return;
    this.#state = state;
    this.#error = reason;
    if (state === 'errored') this.#chunks = [];
    for (const next of this.#waiting.splice(0)) {
      if (state === 'closed') next.resolve({ value: undefined, done: true });
      else next.reject(reason);
    }
  }
  async #read() {
    if (this.#chunks.length > 0) return { value: this.#chunks.shift(), done: false };
    if (this.#state === 'closed') return { value: undefined, done: true };
    if (this.#state === 'errored') throw this.#error;
    const read = new Promise((resolve, reject) => { this.#waiting.push({ resolve, reject }); });
    this.#pull();
    return read;
  }
  async #pull() {
    if (this.#pulling || this.#source.pull === undefined) return;
    this.#pulling = true;
    try {
      while (this.#waiting.length > 0 && this.#state === 'open') {
        const before = this.#waiting.length;
        await this.#source.pull(this.#controller);
        if (this.#waiting.length === before) break;
      }
    } catch (error) {
      this.#end('errored', error);
    } finally {
      this.#pulling = false;
    }
  }
  get locked() { return this.#locked; }
  async cancel(reason) {
    this.#chunks = [];
    this.#end('closed');
    await this.#source.cancel?.(reason);
  }
  getReader() {
    if (this.#locked) throw new TypeError('the stream has a reader already');
    this.#locked = true;
    return {
      read: () => this.#read(),
      cancel: (reason) => this.cancel(reason),
      releaseLock: () => { this.#locked = false; },
    };
  }
  async *[Symbol.asyncIterator]() {
    const reader = this.getReader();
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
    } finally {
      reader.releaseLock();
    }
  }
  values() { return this[Symbol.asyncIterator](); }
  tee() {
    const reader = this.getReader();
    const branches = [];
    const controllers = [];
    const pull = async () => {
      const { value, done } = await reader.read();
      for (const controller of controllers) {
        if (done) controller.close();
        else controller.enqueue(value);
      }
    };
    for (let i = 0; i < 2; i++) branches.push(new ReadableStream({ start(controller) { controllers.push(controller); }, pull }));
    return branches;
  }
  static from(items) {
    const iterator = items[Symbol.asyncIterator]?.() ?? items[Symbol.iterator]();
    return new ReadableStream({
      async pull(controller) {
        const { value, done } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(await value);
      },
    });
  }
}
function streamOf(bytes) {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes.slice());
      controller.close();
    },
  });
}
for (const type of [Blob, File, FormData, ReadableStream]) define(globalThis, type.name, type);
