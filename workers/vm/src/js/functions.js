// The shim for code of Chainlink Functions: `"compat": "chainlink-functions"` in the manifest makes the code the body of the
// function that is given here, with its `args`, `secrets` and `Functions`.
{
  const word = (value, low, high, what) => {
    const n = toInteger(value);
    if (n < low || n >= high) throw new RangeError(`${what}: ${n} does not fit`);
    return fromHex(BigInt.asUintN(256, n).toString(16).padStart(64, '0'));
  };
  // What made the first request to a source fail: an error that the code throws after that says nothing about the data.
  let missing;
  const note = (text) => { missing ??= text; };
  // As there, a source that is out of reach is an `error` in the answer and no exception.
  const makeHttpRequest = async ({ url, method = 'GET', headers = {}, params, data, timeout, responseType = 'json' }) => {
    const target = new URL(url);
    for (const [name, value] of Object.entries(params ?? {})) target.searchParams.append(name, value);
    const init = { method: `${method}`.toUpperCase(), headers: new Headers(headers) };
    if (timeout !== undefined) init.timeout = timeout;
    if (data !== undefined) {
      init.body = typeof data === 'string' ? data : JSON.stringify(data);
      if (typeof data !== 'string' && !init.headers.has('content-type')) init.headers.set('content-type', 'application/json');
    }
    let response;
    try {
      response = await fetch(target, init);
    } catch (error) {
      if (!error.denied && error instanceof FetchError) note(`the source is unavailable: ${init.method} ${target.href}: ${error.message}`);
      return { error: true, message: error.message, code: error.denied ? 'ERR_DENIED' : 'ERR_NETWORK' };
    }
    const { status } = response;
    const shown = { status, statusText: '', headers: Object.fromEntries(response.headers) };
    let body = responseType === 'arraybuffer' ? await response.arrayBuffer() : await response.text();
    const shownText = typeof body === 'string' ? body : 'bytes';
    if (isUnavailable(status, shownText)) note(`the source is unavailable: http_status ${status} from ${response.url}`);
    if (responseType === 'json' || responseType === undefined) {
      try { body = JSON.parse(body); } catch {
        // As there: what is no JSON stays text.
        if (response.ok && /^\s*</.test(shownText)) note(`the answer of ${response.url} is a page and not JSON`);
      }
    }
    if (!response.ok) return { error: true, message: `Request failed with status code ${status}`, code: `${status}`, response: { ...shown, data: body } };
    return { ...shown, error: false, data: body };
  };
  const Functions = Object.freeze({
    makeHttpRequest,
    encodeUint256: (value) => word(value, 0n, 1n << 256n, 'encodeUint256'),
    encodeInt256: (value) => word(value, -(1n << 255n), 1n << 255n, 'encodeInt256'),
    encodeString: (value) => host.encode(`${value}`),
  });
  const secrets = new Proxy({}, {
    get: (_, name) => (typeof name === 'string' ? gateway.secret(name) : undefined),
    has: () => true,
  });
  // The bytes that the code returns are given as 0x...: a contract reads them as it does there.
  gateway.chainlinkFunctions = (body) => async (input) => {
    const list = Array.isArray(input) ? input : input?.args ?? [];
    const args = list.map(String);
    const bytesArgs = Array.isArray(input) ? [] : (input?.bytesArgs ?? []).map(String);
    let value;
    try {
      value = await body(args, bytesArgs, secrets, Functions);
    } catch (error) {
      if (missing !== undefined && runtime.classify(error) === 0) throw new SourceError(missing);
      throw error;
    }
    if (isBuffer(value)) return `0x${toHex(toBytes(value))}`;
    throw new TypeError('code of Chainlink Functions returns bytes: Functions.encodeUint256(\u2026), encodeString(\u2026) or a Uint8Array');
  };
}
