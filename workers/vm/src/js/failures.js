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
{
  const { kind, request } = FetchError;
  const { is } = HttpError;
  const texts = [SourceError.text, BodyError.text];
  for (const [type, ...names] of [[FetchError, 'kind', 'request'], [HttpError, 'is'], [SourceError, 'text'], [BodyError, 'text']]) {
    for (const name of names) delete type[name];
  }
  const source = (error) => texts[0](error) ?? texts[1](error);
  // 1: the network failed; 2: the status of another server; 3: the policy forbids the request; 4: the source.
  const kinds = { __proto__: null, failed: 1, denied: 3 };
  const isObject = (error) => typeof error === 'object' && error !== null;
  runtime.classify = (error) => {
    if (!isObject(error)) return 0;
    return kinds[kind(error)] ?? (is(error) ? 2 : source(error) === undefined ? 0 : 4);
  };
  runtime.explain = (error) => source(error) ?? `a fetch failed and the code did not handle it: ${request(error)}`;
}
