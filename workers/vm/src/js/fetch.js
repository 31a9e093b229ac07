// fetch, with the parts of Headers, Request, Response and AbortController that code needs. The host makes the
// request; answers come back in the order of the requests.
class FetchError extends TypeError {
  #kind;
  constructor(message, kind) {
    super(message);
    this.#kind = kind;
  }
  get denied() { return this.#kind === 'denied'; }
  static kind(error) { return typeof error === 'object' && error !== null && #kind in error ? error.#kind : undefined; }
}
class HttpError extends Error {
  #brand = true;
  constructor(status, url) {
    super(`status ${status} from ${url}`);
    this.status = status;
  }
  static is(error) { return typeof error === 'object' && error !== null && #brand in error; }
}
define(FetchError.prototype, 'name', 'FetchError');
define(HttpError.prototype, 'name', 'HttpError');
{
  const { kind } = FetchError;
  const { is } = HttpError;
  delete FetchError.kind;
  delete HttpError.is;
  // 1: the network failed; 2: the status of another server; 3: the policy forbids the request.
  const kinds = { __proto__: null, failed: 1, denied: 3 };
  runtime.classify = (error) => kinds[kind(error)] ?? (is(error) ? 2 : 0);
}

class Headers {
  #map = new Map();
  constructor(init = undefined) {
    if (init === undefined || init === null) return;
    for (const [name, value] of typeof init[Symbol.iterator] === 'function' ? [...init] : Object.entries(init)) this.append(name, value);
  }
  static #name(name) {
    const text = `${name}`.toLowerCase();
    if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(text)) throw new TypeError(`'${name}' is not a header name`);
    return text;
  }
  static #value(value) {
    const text = `${value}`.trim();
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) throw new TypeError('the header value has characters that are not allowed');
    return text;
  }
  append(name, value) {
    const key = Headers.#name(name);
    const text = Headers.#value(value);
    this.#map.set(key, this.#map.has(key) ? `${this.#map.get(key)}, ${text}` : text);
  }
  set(name, value) { this.#map.set(Headers.#name(name), Headers.#value(value)); }
  get(name) { return this.#map.get(Headers.#name(name)) ?? null; }
  has(name) { return this.#map.has(Headers.#name(name)); }
  delete(name) { this.#map.delete(Headers.#name(name)); }
  forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
  entries() { return [...this.#map].sort(([a], [b]) => (a < b ? -1 : 1))[Symbol.iterator](); }
  keys() { return [...this.entries()].map(([name]) => name)[Symbol.iterator](); }
  values() { return [...this.entries()].map(([, value]) => value)[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}

class AbortSignal {
  #reason;
  #aborted = false;
  #listeners = [];
  onabort = null;
  get aborted() { return this.#aborted; }
  get reason() { return this.#reason; }
  throwIfAborted() { if (this.#aborted) throw this.#reason; }
  addEventListener(type, listener) { if (type === 'abort') this.#listeners.push(listener); }
  removeEventListener(type, listener) { this.#listeners = this.#listeners.filter((other) => other !== listener); }
  static fire(signal, reason = new AbortError('This operation was aborted')) {
    if (signal.#aborted) return;
    signal.#aborted = true;
    signal.#reason = reason;
    const event = { type: 'abort', target: signal };
    signal.onabort?.(event);
    for (const listener of signal.#listeners) listener(event);
  }
  static abort(reason) {
    const signal = new AbortSignal();
    fireAbort(signal, reason);
    return signal;
  }
  static timeout(milliseconds) {
    const signal = new AbortSignal();
    setTimeout(() => fireAbort(signal, new AbortError('The operation timed out', 'TimeoutError')), milliseconds);
    return signal;
  }
  static any(signals) {
    const signal = new AbortSignal();
    for (const other of signals) {
      if (other.aborted) { fireAbort(signal, other.reason); break; }
      other.addEventListener('abort', () => fireAbort(signal, other.reason));
    }
    return signal;
  }
}
class AbortError extends Error {
  constructor(message, name = 'AbortError') {
    super(message);
    define(this, 'name', name);
  }
}
const fireAbort = AbortSignal.fire;
delete AbortSignal.fire;
class AbortController {
  #signal = new AbortSignal();
  get signal() { return this.#signal; }
  abort(reason) { fireAbort(this.#signal, reason); }
}

function bodyBytes(body, headers) {
  const typed = (type) => { if (!headers.has('content-type')) headers.set('content-type', type); };
  if (body === undefined || body === null) return null;
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0));
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength));
  typed(body instanceof URLSearchParams ? 'application/x-www-form-urlencoded;charset=UTF-8' : 'text/plain;charset=UTF-8');
  return host.encode(`${body}`);
}
class Body {
  #bytes;
  #used = false;
  constructor(bytes) { this.#bytes = bytes; }
  get bodyUsed() { return this.#used; }
  #take() {
    if (this.#used) throw new TypeError('the body has been read already');
    this.#used = this.#bytes !== null;
    return this.#bytes ?? new Uint8Array(0);
  }
  async bytes() { return this.#take(); }
  async arrayBuffer() { return this.#take().slice().buffer; }
  async text() { return new TextDecoder().decode(this.#take()); }
  async json() { return JSON.parse(new TextDecoder().decode(this.#take())); }
  static copy(body) {
    if (body.#used) throw new TypeError('the body has been read already');
    return body.#bytes;
  }
}
const copyBody = Body.copy;
delete Body.copy;

class Request extends Body {
  constructor(input, init = {}) {
    const from = input instanceof Request ? input : undefined;
    const headers = new Headers(init.headers ?? from?.headers);
    const method = `${init.method ?? from?.method ?? 'GET'}`.toUpperCase();
    const bytes = init.body === undefined && from ? copyBody(from) : bodyBytes(init.body, headers);
    if (bytes !== null && (method === 'GET' || method === 'HEAD')) throw new TypeError(`a ${method} request has no body`);
    super(bytes);
    const parsed = from ? [from.url] : host.parseUrl(`${input}`, undefined);
    if (parsed === null) throw new TypeError(`Invalid URL: '${input}'`);
    define(this, 'url', parsed[0]);
    define(this, 'method', method);
    define(this, 'headers', headers);
    define(this, 'signal', init.signal ?? from?.signal ?? new AbortSignal());
  }
  clone() { return new Request(this); }
}
class Response extends Body {
  constructor(body = null, init = {}) {
    const headers = new Headers(init.headers);
    super(bodyBytes(body, headers));
    const status = init.status ?? 200;
    if (!(Number.isInteger(status) && status >= 200 && status <= 599)) throw new RangeError(`the status ${status} is not allowed`);
    define(this, 'status', status);
    define(this, 'statusText', `${init.statusText ?? ''}`);
    define(this, 'headers', headers);
    define(this, 'url', init[responseUrl] ?? '');
  }
  get ok() { return this.status >= 200 && this.status <= 299; }
  get redirected() { return false; }
  get type() { return 'basic'; }
  clone() { return new Response(copyBody(this), { status: this.status, statusText: this.statusText, headers: this.headers, [responseUrl]: this.url }); }
  static json(data, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    return new Response(JSON.stringify(data), { ...init, headers });
  }
}
const responseUrl = Symbol('url');

{
  const waiting = new Map();
  const fetch = async function fetch(input, init = {}) {
    const request = new Request(input, init);
    request.signal.throwIfAborted();
    const flat = [];
    for (const [name, value] of request.headers) flat.push(name, value);
    const id = host.fetch(request.method, request.url, flat, copyBody(request));
    const raw = await new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      request.signal.addEventListener('abort', () => reject(request.signal.reason));
    });
    return new Response(raw.body, { status: raw.status, headers: raw.headers, [responseUrl]: raw.url });
  };
  define(globalThis, 'fetch', fetch);

  // The host's answer to a request.
  runtime.fetched = (id, kind, ...rest) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (kind !== 'ok') {
      reject(new FetchError(rest[0], kind));
      return;
    }
    const [status, url, flat, body] = rest;
    const headers = [];
    for (let i = 0; i + 1 < flat.length; i += 2) headers.push([flat[i], flat[i + 1]]);
    resolve({ status, url, headers, body });
  };

  gateway.HttpError = HttpError;
  // The usual request: JSON from an address, anything but a good status is an error of the class http_status.
  gateway.fetchJson = async function fetchJson(input, init) {
    const response = await fetch(input, init);
    if (!response.ok) throw new HttpError(response.status, response.url);
    return response.json();
  };
}
for (const type of [Headers, AbortSignal, AbortController, Request, Response]) define(globalThis, type.name, type);
