// The errors of requests. What an error that nobody handled comes to is decided by marks that code can neither see nor set.
class FetchError extends TypeError {
  #kind;
  #request;
  constructor(message, kind, request) {
    super(message);
    this.#kind = kind;
    this.#request = request;
  }
  get denied() { return this.#kind === 'denied'; }
  static kind(error) { return #kind in error ? error.#kind : undefined; }
  static request(error) { return error.#request; }
}
class HttpError extends Error {
  #brand = true;
  constructor(status, url, more = '') {
    super(`status ${status} from ${url}${more}`);
    this.status = status;
  }
  static is(error) { return #brand in error; }
}
// The source of the data was out of reach, or it answered something else than data: no outcome of the code.
class SourceError extends Error {
  #text;
  constructor(message = 'the source is unavailable') {
    super(message);
    this.#text = `${message}`;
  }
  static text(error) { return #text in error ? error.#text : undefined; }
}
class BodyError extends SyntaxError {
  #text;
  constructor(url, cause) {
    super(`the answer of ${url} is not JSON: ${cause}`);
    this.#text = `the answer of ${url} is not JSON: ${cause}`;
  }
  static text(error) { return #text in error ? error.#text : undefined; }
}
for (const [type, name] of [[FetchError, 'FetchError'], [HttpError, 'HttpError'], [SourceError, 'SourceError'], [BodyError, 'SyntaxError']]) {
  define(type.prototype, 'name', name);
}
// Notes that a request was given up for this reason because it took too long; set below.
let tooLate;
{
  const { kind, request } = FetchError;
  const { is } = HttpError;
  const texts = [SourceError.text, BodyError.text];
  for (const [type, ...names] of [[FetchError, 'kind', 'request'], [HttpError, 'is'], [SourceError, 'text'], [BodyError, 'text']]) {
    for (const name of names) delete type[name];
  }
  const source = (error) => texts[0](error) ?? texts[1](error);
  const { AggregateError, WeakMap } = globalThis;
  const { isArray } = Array;
  const { apply, getOwnPropertyDescriptor } = Reflect;
  const { isPrototypeOf } = Object.prototype;
  const { get, set } = WeakMap.prototype;
  // Reasons for which a request was given up that had no response when a timer was due.
  const late = new WeakMap();
  const isObject = (error) => (typeof error === 'object' && error !== null) || typeof error === 'function';
  tooLate = (reason, text) => { if (isObject(reason)) apply(set, late, [reason, text]); };
  // How deep errors of errors are looked at, and how many of them.
  const MAX_DEPTH = 8;
  const MAX_ERRORS = 1000;
  // The errors of an AggregateError; none where they are not as V8 made them.
  const errorsOf = (error) => {
    if (!apply(isPrototypeOf, AggregateError.prototype, [error])) return [];
    const list = getOwnPropertyDescriptor(error, 'errors')?.value;
    if (!isArray(list)) return [];
    const errors = [];
    for (let i = 0; i < list.length && i <= MAX_ERRORS; i++) errors[i] = list[i];
    return errors;
  };
  // 1: the network failed; 2: the status of another server; 3: the policy forbids the request; 4: the source.
  const NETWORK = 1;
  const SOURCE = 4;
  const kinds = { __proto__: null, failed: NETWORK, denied: 3 };
  const one = (error) => {
    if (!isObject(error)) return 0;
    return kinds[kind(error)] ?? (is(error) ? 2 : source(error) !== undefined ? SOURCE : apply(get, late, [error]) !== undefined ? NETWORK : 0);
  };
  // Many errors are out of reach where each of them is: the source, if any of them is, else the network.
  const classify = (error, depth, seen) => {
    const own = one(error);
    if (own !== 0 || depth === MAX_DEPTH) return own;
    const errors = errorsOf(error);
    let all = 0;
    for (let i = 0; i < errors.length; i++) {
      seen.count += 1;
      const each = seen.count > MAX_ERRORS ? 0 : classify(errors[i], depth + 1, seen);
      if (each !== NETWORK && each !== SOURCE) return 0;
      if (each > all) all = each;
    }
    return all;
  };
  runtime.classify = (error) => {
    try {
      return classify(error, 0, { count: 0 });
    } catch {
      // A list that runs code when it is read is not the one that V8 made.
      return 0;
    }
  };
  runtime.explain = (error) => {
    const text = source(error) ?? apply(get, late, [error]);
    if (text !== undefined) return text;
    if (one(error) === NETWORK) return `a fetch failed and the code did not handle it: ${request(error)}`;
    let joined = '';
    const errors = errorsOf(error);
    for (let i = 0; i < errors.length && joined.length < 2000; i++) joined += `${i === 0 ? '' : '; '}${runtime.explain(errors[i])}`;
    return joined;
  };
}
