// The streams of the web: those that bodies are read in, and those that stand between. Chunks wait in lists without a bound:
// everything is in memory already.
const handled = () => {};

class ReadableStream {
  #chunks = [];
  #waiting = [];
  #state = 'open';
  #error;
  #locked = false;
  #disturbed = false;
  #source;
  #pulling = false;
  #finished = Promise.withResolvers();
  constructor(source = {}) {
    this.#source = source ?? {};
    this.#finished.promise.catch(handled);
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
    const begun = this.#source.start?.(this.#controller);
    // What is still beginning may fail later.
    if (typeof begun?.then === 'function') begun.then(handled, (error) => { this.#end('errored', error); });
  }
  #controller;
  #end(state, reason) {
    if (this.#state !== 'open') return;
    this.#state = state;
    this.#error = reason;
    if (state === 'closed') this.#finished.resolve();
    else this.#finished.reject(reason);
    if (state === 'errored') this.#chunks = [];
    for (const next of this.#waiting.splice(0)) {
      if (state === 'closed') next.resolve({ value: undefined, done: true });
      else next.reject(reason);
    }
  }
  async #read() {
    this.#disturbed = true;
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
  static disturbed(stream) { return stream.#disturbed; }
  async cancel(reason) {
    this.#disturbed = true;
    const open = this.#state === 'open' || this.#chunks.length > 0;
    this.#chunks = [];
    this.#end('closed');
    if (open) await this.#source.cancel?.(reason);
  }
  getReader() {
    if (this.#locked) throw new TypeError('the stream has a reader already');
    this.#locked = true;
    return {
      closed: this.#finished.promise,
      read: () => this.#read(),
      cancel: (reason) => this.cancel(reason),
      releaseLock: () => { this.#locked = false; },
    };
  }
  async *values({ preventCancel = false } = {}) {
    const reader = this.getReader();
    let early = false;
    try {
      for (;;) {
        early = false;
        const { value, done } = await reader.read();
        if (done) return;
        early = true;
        yield value;
      }
    } finally {
      // Who leaves early wants nothing more of it.
      if (early && !preventCancel) await this.cancel();
      reader.releaseLock();
    }
  }
  [Symbol.asyncIterator]() { return this.values(); }
  pipeThrough({ readable, writable }, options = {}) {
    this.pipeTo(writable, options).catch(handled);
    return readable;
  }
  async pipeTo(writable, { preventClose = false, preventAbort = false, preventCancel = false, signal } = {}) {
    const reader = this.getReader();
    const writer = writable.getWriter();
    try {
      for (;;) {
        signal?.throwIfAborted();
        let next;
        try {
          next = await reader.read();
        } catch (error) {
          if (!preventAbort) await writer.abort(error);
          throw error;
        }
        if (next.done) break;
        await writer.write(next.value);
      }
      if (!preventClose) await writer.close();
    } catch (error) {
      if (signal?.aborted && !preventAbort) await writer.abort(signal.reason);
      if (!preventCancel && this.#state === 'open') await this.cancel(error);
      throw error;
    } finally {
      reader.releaseLock();
      writer.releaseLock();
    }
  }
  tee() {
    const reader = this.getReader();
    const branches = [];
    // Those that still want to be given something.
    const controllers = new Set();
    const pull = async () => {
      const { value, done } = await reader.read();
      for (const controller of controllers) {
        if (done) controller.close();
        else controller.enqueue(value);
      }
    };
    for (let i = 0; i < 2; i++) {
      let own;
      branches.push(new ReadableStream({
        start(controller) {
          own = controller;
          controllers.add(own);
        },
        pull,
        // When both are cancelled, so is the source.
        cancel: async (reason) => {
          controllers.delete(own);
          if (controllers.size === 0) await reader.cancel(reason);
        },
      }));
    }
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
const isDisturbed = ReadableStream.disturbed;
delete ReadableStream.disturbed;
function streamOf(bytes) {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes.slice());
      controller.close();
    },
  });
}

// What is written reaches the sink piece by piece, in order.
class WritableStream {
  #sink;
  #state = 'open';
  #error;
  #locked = false;
  #last;
  #finished = Promise.withResolvers();
  constructor(sink = {}) {
    this.#sink = sink ?? {};
    this.#finished.promise.catch(handled);
    const controller = { error: (reason) => { this.#fail(reason); }, signal: new AbortSignal() };
    this.#controller = controller;
    this.#last = Promise.resolve(this.#sink.start?.(controller));
    this.#last.catch((error) => { this.#fail(error); });
  }
  #controller;
  #fail(reason) {
    if (this.#state === 'errored' || this.#state === 'closed') return;
    this.#state = 'errored';
    this.#error = reason;
    this.#finished.reject(reason);
  }
  // Does this after all that was asked for before.
  #then(step) {
    const done = this.#last.then(async () => {
      if (this.#state === 'errored') throw this.#error;
      try {
        return await step();
      } catch (error) {
        this.#fail(error);
        throw error;
      }
    });
    this.#last = done;
    done.catch(handled);
    return done;
  }
  async #write(chunk) {
    if (this.#state === 'closing' || this.#state === 'closed') throw new TypeError('the stream is closed');
    return this.#then(() => this.#sink.write?.(chunk, this.#controller));
  }
  async #close() {
    if (this.#state === 'closing' || this.#state === 'closed') throw new TypeError('the stream is closed');
    if (this.#state === 'open') this.#state = 'closing';
    return this.#then(async () => {
      await this.#sink.close?.();
      this.#state = 'closed';
      this.#finished.resolve();
    });
  }
  async #abort(reason) {
    if (this.#state === 'errored' || this.#state === 'closed') return;
    this.#fail(reason);
    fireAbort(this.#controller.signal, reason);
    await this.#sink.abort?.(reason);
  }
  get locked() { return this.#locked; }
  async abort(reason) {
    if (this.#locked) throw new TypeError('the stream has a writer');
    return this.#abort(reason);
  }
  async close() {
    if (this.#locked) throw new TypeError('the stream has a writer');
    return this.#close();
  }
  getWriter() {
    if (this.#locked) throw new TypeError('the stream has a writer already');
    this.#locked = true;
    const stream = this;
    return {
      closed: this.#finished.promise,
      get ready() { return stream.#state === 'errored' ? Promise.reject(stream.#error) : Promise.resolve(); },
      get desiredSize() { return stream.#state === 'open' ? 1 : stream.#state === 'errored' ? null : 0; },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#abort(reason),
      releaseLock: () => { this.#locked = false; },
    };
  }
}

class TransformStream {
  #readable;
  #writable;
  constructor(transformer = {}) {
    const steps = transformer ?? {};
    let out;
    let into;
    this.#readable = new ReadableStream({ start(controller) { out = controller; }, cancel: (reason) => { into.error(reason); } });
    const controller = {
      get desiredSize() { return out.desiredSize; },
      enqueue: (chunk) => { out.enqueue(chunk); },
      error: (reason) => { out.error(reason); into.error(reason); },
      terminate: () => { out.close(); into.error(new TypeError('the stream has been terminated')); },
    };
    const failing = async (step) => {
      try {
        await step();
      } catch (error) {
        out.error(error);
        throw error;
      }
    };
    this.#writable = new WritableStream({
      start(given) {
        into = given;
        return failing(() => steps.start?.(controller));
      },
      write: (chunk) => failing(() => (steps.transform === undefined ? controller.enqueue(chunk) : steps.transform(chunk, controller))),
      close: () => failing(async () => {
        await steps.flush?.(controller);
        out.close();
      }),
      abort: (reason) => { out.error(reason); },
    });
  }
  get readable() { return this.#readable; }
  get writable() { return this.#writable; }
}

// What stands between by a transformer of the host's: the two ends, and nothing else of a TransformStream.
class Between {
  #stream;
  constructor(transformer) { this.#stream = new TransformStream(transformer); }
  get readable() { return this.#stream.readable; }
  get writable() { return this.#stream.writable; }
}
const chunkBytes = (chunk) => {
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer.slice(chunk.byteOffset, chunk.byteOffset + chunk.byteLength));
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk.slice(0));
  throw new TypeError('chunks of bytes are needed: ArrayBuffers or views of them');
};

class TextDecoderStream extends Between {
  #decoder;
  constructor(label = 'utf-8', options = {}) {
    const decoder = new TextDecoder(label, options);
    const give = (text, controller) => { if (text !== '') controller.enqueue(text); };
    super({
      transform: (chunk, controller) => { give(decoder.decode(chunkBytes(chunk), { stream: true }), controller); },
      flush: (controller) => { give(decoder.decode(), controller); },
    });
    this.#decoder = decoder;
  }
  get encoding() { return this.#decoder.encoding; }
  get fatal() { return this.#decoder.fatal; }
  get ignoreBOM() { return this.#decoder.ignoreBOM; }
}

class TextEncoderStream extends Between {
  constructor() {
    // The first half of a character that two chunks share.
    let half = '';
    super({
      transform: (chunk, controller) => {
        let text = half + `${chunk}`;
        half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
        text = half === '' ? text : text.slice(0, -1);
        if (text !== '') controller.enqueue(host.encode(text));
      },
      flush: (controller) => { if (half !== '') controller.enqueue(host.encode(half)); },
    });
  }
  get encoding() { return 'utf-8'; }
}

// Packs or unpacks when all is there.
const atTheEnd = (format, work) => {
  if (!['gzip', 'deflate', 'deflate-raw'].includes(`${format}`)) throw new TypeError(`the format ${format} is not available`);
  const pieces = [];
  return {
    transform: (chunk) => { pieces.push(chunkBytes(chunk)); },
    flush: (controller) => {
      const out = work(`${format}`, joinBytes(pieces));
      if (out.length > 0) controller.enqueue(out);
    },
  };
};
class CompressionStream extends Between {
  constructor(format) { super(atTheEnd(format, host.compress)); }
}
class DecompressionStream extends Between {
  constructor(format) { super(atTheEnd(format, host.decompress)); }
}
for (const type of [ReadableStream, WritableStream, TransformStream, TextDecoderStream, TextEncoderStream, CompressionStream, DecompressionStream]) {
  defineClass(type);
}
