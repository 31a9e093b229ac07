// What the code's transform gets to see of a response, and what it made of it.
{
  const stringify = JSON.stringify;
  const { isInteger } = Number;
  const { getPrototypeOf, hasOwn } = Object;
  const plain = Object.prototype;

  runtime.toTransform = (status, url, flat, body) => {
    const headers = {};
    for (let i = 0; i + 1 < flat.length; i += 2) headers[flat[i]] = flat[i + 1];
    const seen = { status, url, headers, body };
    // As the body of a fetch is read: without a byte order mark.
    const read = () => {
      const text = host.decode(body, false);
      return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    };
    define(seen, 'text', function text() { return receivedFrom.note(read(), url); });
    define(seen, 'json', function json(reviver = undefined) { return parseJson(read(), url, reviver); });
    return seen;
  };

  const bytes = (body) => {
    if (isBuffer(body)) return toBytes(body);
    if (body instanceof Blob) return blobBytes(body);
    if (body instanceof ReadableStream || body instanceof FormData || body instanceof Promise) {
      throw new TypeError('transform: a body is bytes, a text or a value for JSON; read streams and await promises first');
    }
    const text = typeof body === 'string' ? body : stringify(body);
    if (text === undefined) throw new TypeError('transform: the body has no JSON form');
    return host.encode(text);
  };

  // What is left out of the answer stays as it was.
  runtime.fromTransform = (made, status, flat, body) => {
    if (typeof made !== 'object' || made === null) {
      throw new TypeError(`transform returned ${made === null ? 'null' : typeof made}; it returns an object with status, headers or body`);
    }
    if (made instanceof Response) {
      if (made.status < 100) throw new RangeError('transform: a status is 100 to 999');
      const given = copyBody(made);
      const out = { status: made.status, headers: '', body: given === null ? new Uint8Array(0) : bytes(given) };
      for (const [name, value] of made.headers) out.headers += `${name}\n${value}\n`;
      return [out.status, out.headers, out.body];
    }
    const prototype = getPrototypeOf(made);
    if (prototype !== plain && prototype !== null) {
      throw new TypeError('transform returned an object of another kind; it returns a plain object with status, headers or body, or a Response');
    }
    for (const name of Object.keys(made)) {
      if (!['status', 'url', 'headers', 'body'].includes(name)) throw new TypeError(`transform: '${name}' is not a part of a response`);
    }
    const out = { status, headers: '', body };
    const line = (name, value) => { out.headers += `${name}\n${value}\n`; };
    if (hasOwn(made, 'status')) {
      if (!isInteger(made.status) || made.status < 100 || made.status > 999) throw new RangeError('transform: a status is 100 to 999');
      out.status = made.status;
    }
    if (hasOwn(made, 'headers')) {
      for (const [name, value] of new Headers(made.headers)) line(name, value);
    } else {
      for (let i = 0; i + 1 < flat.length; i += 2) line(flat[i], flat[i + 1]);
    }
    if (hasOwn(made, 'body')) out.body = bytes(made.body);
    return [out.status, out.headers, out.body];
  };
}
