// fetch, with the parts of Headers, Request and Response that code needs. The host makes the request; answers come back in
// the order of the requests.
class Headers {
  #map = new Map();
  constructor(init = undefined) {
    if (init === undefined || init === null) return;
    for (const [name, value] of pairsOf(init, 'header')) this.append(name, value);
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
  getSetCookie() { return []; }
  forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
  entries() { return [...this.#map].sort(([a], [b]) => (a < b ? -1 : 1))[Symbol.iterator](); }
  keys() { return [...this.entries()].map(([name]) => name)[Symbol.iterator](); }
  values() { return [...this.entries()].map(([, value]) => value)[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
}

// Texts that responses gave, with where they came from: code that parses one itself gets the same error as from json().
// Bounded in number; all responses of a run together are bounded as it is.
const receivedFrom = (() => {
  const { Map } = globalThis;
  const { apply } = Reflect;
  const { get, set } = Map.prototype;
  const { trim } = String.prototype;
  const texts = new Map();
  const MAX_TEXTS = 64;
  let count = 0;
  return {
    note(text, from) {
      if (from === undefined || count === MAX_TEXTS) return text;
      count += 1;
      apply(set, texts, [apply(trim, text, []), from]);
      return text;
    },
    of: (text) => (typeof text === 'string' ? apply(get, texts, [apply(trim, text, [])]) : undefined),
  };
})();

// JSON; what a server sent in its place is the server's fault and not the code's.
const parseJson = (() => {
  const { parse } = JSON;
  const { apply } = Reflect;
  // Why the text is not JSON; undefined where it is, and an error came from the code's reviver.
  const fault = (text) => {
    try {
      parse(text);
      return undefined;
    } catch (error) {
      return error.message;
    }
  };
  const read = (text, from, reviver) => {
    try {
      return parse(text, reviver);
    } catch (error) {
      const cause = from === undefined ? undefined : fault(text);
      if (cause === undefined) throw error;
      throw new BodyError(from, text === '' ? 'it is empty' : cause);
    }
  };
  // A proxy, so that everything else is V8's own, down to what it says of itself.
  JSON.parse = new Proxy(parse, {
    __proto__: null,
    apply(target, self, list) {
      try {
        return apply(target, self, list);
      } catch (error) {
        const from = receivedFrom.of(list[0]);
        if (from === undefined) throw error;
        return read(list[0], from, list[1]);
      }
    },
  });
  return read;
})();

function bodyBytes(body, headers) {
  const typed = (type) => { if (!headers.has('content-type')) headers.set('content-type', type); };
  if (body === undefined || body === null) return null;
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0));
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.byteLength));
  if (body instanceof Blob) {
    if (body.type !== '') typed(body.type);
    return blobBytes(body);
  }
  if (body instanceof FormData) {
    const [bytes, type] = encodeForm(body);
    typed(type);
    return bytes;
  }
  // Read when it is wanted.
  if (body instanceof ReadableStream) return body;
  typed(body instanceof URLSearchParams ? 'application/x-www-form-urlencoded;charset=UTF-8' : 'text/plain;charset=UTF-8');
  return host.encode(`${body}`);
}
class Body {
  #bytes;
  #used = false;
  #stream;
  // Where the bytes came from over the network.
  #from;
  constructor(bytes, from = undefined) {
    this.#bytes = bytes;
    this.#from = from;
  }
  get bodyUsed() {
    const stream = this.#bytes instanceof ReadableStream ? this.#bytes : this.#stream;
    return this.#used || (stream !== undefined && isDisturbed(stream));
  }
  async #take() {
    if (this.bodyUsed || this.#stream?.locked) throw new TypeError('the body has been read already');
    this.#used = this.#bytes !== null;
    if (!(this.#bytes instanceof ReadableStream)) return this.#bytes ?? new Uint8Array(0);
    const pieces = [];
    for await (const chunk of this.#bytes) pieces.push(typeof chunk === 'string' ? host.encode(chunk) : toBytes(chunk));
    return joinBytes(pieces);
  }
  // The body as a stream: what is read of it cannot be read otherwise.
  get body() {
    // Who looks for what there is looks at the prototype.
    if (!(#bytes in this) || this.#bytes === null) return null;
    if (this.#bytes instanceof ReadableStream) return this.#bytes;
    this.#stream ??= streamOf(this.#used ? new Uint8Array(0) : this.#bytes);
    return this.#stream;
  }
  async bytes() { return this.#take(); }
  async arrayBuffer() { return (await this.#take()).slice().buffer; }
  async blob() { return new Blob([await this.#take()], { type: this.headers.get('content-type') ?? '' }); }
  async formData() {
    const type = this.headers.get('content-type') ?? '';
    if (!/^application\/x-www-form-urlencoded/i.test(type)) throw new TypeError(`formData() reads application/x-www-form-urlencoded and not '${type}'`);
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(new TextDecoder().decode(await this.#take()))) form.append(name, value);
    return form;
  }
  async text() { return receivedFrom.note(new TextDecoder().decode(await this.#take()), this.#from); }
  async json(reviver = undefined) {
    const text = new TextDecoder().decode(await this.#take());
    // No content: a status, as fetchJson reports it, and no fault of the source.
    if (text === '' && this.#from !== undefined && this.status === 204) throw new HttpError(204, this.#from, ' with an empty body');
    return parseJson(text, this.#from, reviver);
  }
  static copy(body) {
    if (body.bodyUsed || body.#stream?.locked) throw new TypeError('the body has been read already');
    if (!(body.#bytes instanceof ReadableStream)) return body.#bytes;
    const [left, right] = body.#bytes.tee();
    body.#bytes = left;
    return right;
  }
  static use(body) { body.#used = body.#bytes !== null; }
}
const { copy: copyBody, use: useBody } = Body;
delete Body.copy;
delete Body.use;

class Request extends Body {
  constructor(input, init = {}) {
    const from = input instanceof Request ? input : undefined;
    const headers = new Headers(init.headers ?? from?.headers);
    const method = `${init.method ?? from?.method ?? 'GET'}`.toUpperCase();
    if (init.signal !== undefined && init.signal !== null && !(init.signal instanceof AbortSignal)) {
      throw new TypeError('the signal of a request is an AbortSignal');
    }
    const bytes = init.body === undefined && from ? copyBody(from) : bodyBytes(init.body, headers);
    if (bytes instanceof ReadableStream) throw new TypeError('a request cannot stream its body; read the stream first');
    if (bytes !== null && (method === 'GET' || method === 'HEAD')) throw new TypeError(`a ${method} request has no body`);
    super(bytes);
    const parsed = from ? [`${from.url}`] : host.parseUrl(`${input}`, undefined);
    if (parsed === null) throw new TypeError(`Invalid URL: '${input}'`);
    define(this, 'url', parsed[0]);
    define(this, 'method', method);
    define(this, 'headers', headers);
    define(this, 'signal', init.signal ?? from?.signal ?? new AbortSignal());
  }
  clone() { return new Request(this); }
}
class Response extends Body {
  #redirected;
  constructor(body = null, init = {}) {
    const headers = new Headers(init.headers);
    const from = init[responseUrl];
    super(bodyBytes(body, headers), from);
    const status = init.status ?? 200;
    // Servers send what they like.
    const allowed = from === undefined ? status >= 200 && status <= 599 : status === 0 || (status >= 100 && status <= 999);
    if (!(Number.isInteger(status) && allowed)) throw new RangeError(`the status ${status} is not allowed`);
    if (from === undefined && body !== null && body !== undefined && (status === 204 || status === 205 || status === 304)) {
      throw new TypeError(`a response with the status ${status} has no body`);
    }
    define(this, 'status', status);
    define(this, 'statusText', `${init.statusText ?? ''}`);
    define(this, 'headers', headers);
    // Without a fragment, as everywhere.
    define(this, 'url', withoutFragment(init[responseUrl] ?? ''));
    this.#redirected = Boolean(init[wasRedirected]);
  }
  get ok() { return this.status >= 200 && this.status <= 299; }
  get redirected() { return this.#redirected; }
  get type() { return this.status === 0 ? 'error' : 'basic'; }
  clone() { return new Response(copyBody(this), { status: this.status, statusText: this.statusText, headers: this.headers, [responseUrl]: this.status === 0 ? '' : this.url || undefined, [wasRedirected]: this.#redirected }); }
  static json(data, init = {}) {
    const headers = new Headers(init.headers);
    if (!headers.has('content-type')) headers.set('content-type', 'application/json');
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError('Response.json: the value has no JSON form');
    return new Response(text, { ...init, headers });
  }
  static redirect(url, status = 302) {
    if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`the status ${status} is no redirect`);
    return new Response(null, { status, headers: { location: new URL(url).href } });
  }
  // What a failed request would be; no fetch gives one, because each failed request throws.
  static error() { return new Response(null, { status: 0, [responseUrl]: '' }); }
}
const responseUrl = Symbol('url');
const wasRedirected = Symbol('redirected');
const withoutFragment = (url) => `${url}`.replace(/#.*$/s, '');
let isUnavailable;

{
  // By the number of the request.
  const waiting = { __proto__: null };
  // Statuses after which another try may help.
  const TRANSIENT = [408, 425, 429, 500, 502, 503, 504];
  const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

  const once = async (request, limit) => {
    request.signal.throwIfAborted();
    let headers = '';
    for (const [name, value] of request.headers) headers += `${name}\n${value}\n`;
    const id = host.fetch(`${request.method}`, `${request.url}`, headers, copyBody(request), limit === undefined ? undefined : Number(limit));
    const started = runtime.elapsed();
    const raw = await new Promise((resolve, reject) => {
      waiting[id] = { resolve, reject, request };
      request.signal.addEventListener('abort', () => {
        const { reason } = request.signal;
        if (waiting[id] !== undefined) {
          delete waiting[id];
          host.giveUp(id);
          // A timer was due before the answer came: what the code did then is how the network was on this node.
          if (runtime.elapsed() > started) tooLate(reason, `${request.method} ${request.url}: no response before the code gave it up`);
        }
        reject(reason);
      });
    });
    const redirected = withoutFragment(raw.url) !== withoutFragment(request.url);
    return new Response(raw.body, { status: raw.status, headers: raw.headers, [responseUrl]: raw.url, [wasRedirected]: redirected });
  };

  // The option `retry`: how many more tries, or { times, delay, factor, statuses }.
  const plan = (request, retry) => {
    const { times = 2, delay = 500, factor = 2, statuses = TRANSIENT } = typeof retry === 'number' ? { times: retry } : retry ?? { times: 0 };
    const safe = request.method === 'GET' || request.method === 'HEAD' || request.headers.has('idempotency-key');
    if (times > 0 && !safe) throw new TypeError(`a ${request.method} is retried only with an idempotency-key of its own`);
    return { times, delay, factor, statuses };
  };

  const fetch = async function fetch(input, init = {}) {
    if (init?.redirect !== undefined && init.redirect !== 'follow') {
      throw new TypeError(`the redirect mode '${init.redirect}' is not available: redirects are followed, and response.url says where they led`);
    }
    const request = new Request(input, init);
    if (input instanceof Request && init?.body === undefined) useBody(input);
    const limit = init?.timeout;
    if (limit !== undefined && !(limit >= 1)) throw new RangeError('the timeout of a request is a number of milliseconds, at least 1');
    const { times, delay, factor, statuses } = plan(request, init?.retry);
    for (let left = times, wait = delay; ; left--, wait *= factor) {
      try {
        const response = await once(request, limit);
        if (left <= 0 || !statuses.includes(response.status) || !(host.fetchesLeft() > 0)) return response;
      } catch (error) {
        if (left <= 0 || !(error instanceof FetchError) || error.denied || !(host.fetchesLeft() > 0)) throw error;
      }
      await pause(wait);
    }
  };
  define(globalThis, 'fetch', fetch);

  // The host's answer to a request; one that the code has given up finds nobody.
  runtime.fetched = (id, kind, ...rest) => {
    const waited = waiting[id];
    if (waited === undefined) return;
    const { resolve, reject, request } = waited;
    delete waiting[id];
    if (kind !== 'ok') {
      reject(new FetchError(rest[0], kind, `${request.method} ${request.url}: ${rest[0]}`));
      return;
    }
    // By index: the code may have replaced what destructuring and `push` use.
    const flat = rest[2];
    const headers = [];
    for (let i = 0; i + 1 < flat.length; i += 2) headers[i / 2] = [flat[i], flat[i + 1]];
    resolve({ __proto__: null, status: rest[0], url: rest[1], headers, body: rest[3] });
  };

  // A status that says nothing of the data: the source is out of reach, or keeps this node out with a page for browsers.
  isUnavailable = (status, text, init) => {
    if (init?.outcomes?.includes(status)) return false;
    if (init?.unavailable?.includes(status)) return true;
    if ([408, 425, 429].includes(status) || (status >= 500 && status <= 599)) return true;
    // Accepted, and no data yet; a wall in few words, or in none.
    if (status === 202 && text === '') return true;
    if (status === 403 && /^\s*(error code: 1\d{3}\s*)?$/.test(text)) return true;
    return [401, 403].includes(status) && /^\s*</.test(text);
  };

  // Placeholders that the node fills in with what its operator keeps; code never sees the values.
  const named = (name) => {
    if (!/^[\w.-]+$/.test(name)) throw new TypeError(`'${name}' is not the name of a secret`);
    return name;
  };
  gateway.secret = (name) => `{{secret:${named(name)}}}`;
  gateway.secret.hmac = (name, message, { hash = 'SHA-256', key = 'text', output = 'hex' } = {}) => {
    if (!['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'].includes(hash)) throw new RangeError(`hmac: the hash ${hash} is not available`);
    if (!['text', 'hex', 'base64'].includes(key)) throw new RangeError('hmac: a key is text, hex or base64');
    if (!['hex', 'base64', 'base64url'].includes(output)) throw new RangeError('hmac: the output is hex, base64 or base64url');
    const bytes = typeof message === 'string' ? host.encode(message) : toBytes(message);
    const packed = host.toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
    return `{{hmac:${named(name)}:${hash}:${key}:${output}:${packed}}}`;
  };

  gateway.HttpError = HttpError;
  gateway.SourceError = SourceError;
  // The usual request: JSON from an address. A status that is not good is an error of the class http_status; a source that is
  // out of reach or answers something else than JSON is a SourceError.
  gateway.fetchJson = async function fetchJson(input, init) {
    const response = await fetch(input, init);
    const { status, url } = response;
    const text = await response.text();
    if (isUnavailable(status, text, init)) throw new SourceError(`the source is unavailable: http_status ${status} from ${url}`);
    if (!response.ok) throw new HttpError(status, url);
    if (text.trim() === '') throw new HttpError(status, url, ' with an empty body');
    return parseJson(text, url, init?.reviver);
  };
}
for (const type of [Headers, Request, Response]) defineClass(type);
