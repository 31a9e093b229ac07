// From the code's value to JSON text, refusing what JSON would change without a word.
{
  const stringify = JSON.stringify;
  const isFinite = Number.isFinite;
  // The code may have taken them away.
  const { Map, isNaN } = globalThis;

  const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const { isWellFormed } = String.prototype;
  const [number, string, bigint, time] = [Number.prototype.valueOf, String.prototype.valueOf, BigInt.prototype.valueOf, Date.prototype.getTime];
  const plain = [Object.prototype, Array.prototype];
  const { isPrototypeOf } = Object.prototype;
  const iterators = getPrototypeOf(getPrototypeOf([][Symbol.iterator]()));

  const MAX_DEPTH = 127;

  // What JSON would turn into {} or a list of numbers under names, and what to return instead.
  const bytes = 'return gateway.toHex(\u2026) of it, or a list';
  const refused = [
    [Promise, 'a promise; await it'],
    [Map, 'a Map; return Object.fromEntries(\u2026) of it, or a list'],
    [Set, 'a Set; return a list of it: [...set]'],
    [Error, 'an Error; return its message'],
    [Response, 'a Response; read it with json() or text()'],
    [Request, 'a Request, which JSON has no form for'],
    [Headers, 'Headers; return Object.fromEntries(\u2026) of them'],
    [Blob, 'a Blob; read it with text() or bytes()'],
    [FormData, 'FormData; return a list of it: [...form]'],
    [URLSearchParams, 'URLSearchParams; return them as a text, or a list'],
    [ReadableStream, 'a stream; read it first'],
    [ArrayBuffer, `an ArrayBuffer; ${bytes}`],
    [WeakMap, 'a WeakMap, which JSON has no form for'],
    [WeakSet, 'a WeakSet, which JSON has no form for'],
    [RegExp, 'a RegExp; return its source'],
  ];

  class NotJson extends TypeError {}
  define(NotJson.prototype, 'name', 'NotJson');

  const path = (holder, key, parents) => {
    const names = [];
    let child = holder;
    while (child !== undefined) {
      const parent = parents.get(child);
      if (parent === undefined) break;
      names.push(parent.key);
      child = parent.holder;
    }
    return ['result', ...names.reverse().filter((name) => name !== ''), key].filter((name) => name !== '').join('.');
  };

  // The value inside an object that wraps one; undefined where it wraps none of this kind.
  const unwrap = (read, item) => {
    try { return apply(read, item, []); } catch { return undefined; }
  };

  // Why JSON has no form for a value, or would change it silently; undefined where it does neither.
  const fault = (item) => {
    switch (typeof item) {
      case 'number':
        return isFinite(item) ? undefined : `is ${item}, which JSON has no form for`;
      case 'string':
        return apply(isWellFormed, item, []) ? undefined : 'has half of a character (a lone surrogate); toWellFormed() replaces it';
      case 'bigint':
        return 'is a BigInt; return it as a string with .toString()';
      case 'function':
      case 'symbol':
        return `is a ${typeof item}, which JSON has no form for`;
      case 'object':
        return item === null ? undefined : faultOfObject(item);
      default:
        return undefined;
    }
  };
  const faultOfObject = (item) => {
    const prototype = getPrototypeOf(item);
    if (prototype === null || prototype === plain[0] || prototype === plain[1]) return undefined;
    const inner = fault(unwrap(number, item) ?? unwrap(string, item) ?? unwrap(bigint, item));
    if (inner !== undefined) return inner;
    if (isView(item)) return `is a view of bytes or numbers; ${bytes}`;
    if (apply(isPrototypeOf, iterators, [item])) return 'is an iterator; return a list of it: [...iterator]';
    for (let i = 0; i < refused.length; i++) {
      if (item instanceof refused[i][0]) return `is ${refused[i][1]}`;
    }
    return undefined;
  };
  // What JSON has turned into null, or is about to.
  const lost = (holder, key, item) => {
    if (item === undefined && isArray(holder)) return 'is undefined, which JSON would turn into null; return null, or leave it out';
    if (item !== null) return undefined;
    const original = getOwnPropertyDescriptor(holder, key)?.value;
    const invalid = typeof original === 'object' && original !== null && isNaN(unwrap(time, original) ?? 0);
    return invalid ? 'is an invalid Date, which JSON has no form for' : undefined;
  };

  runtime.serialize = (value) => {
    const parents = new Map();
    const text = stringify(value, function (key, item) {
      if (!apply(isWellFormed, key, [])) throw new NotJson(`the name of ${path(this, key, parents)} has half of a character (a lone surrogate)`);
      const cause = fault(item) ?? lost(this, key, item);
      if (cause !== undefined) throw new NotJson(`${path(this, key, parents)} ${cause}`);
      if (typeof item === 'object' && item !== null) {
        const depth = (parents.get(this)?.depth ?? 0) + 1;
        // Before the stack overflows, which is no place that an outcome should depend on.
        if (depth > MAX_DEPTH) throw new NotJson(`the result is nested deeper than ${MAX_DEPTH}`);
        parents.set(item, { holder: this, key, depth });
      }
      return item;
    });
    if (text === undefined) throw new NotJson('the code returned undefined; return a value, or null');
    return text;
  };

  runtime.context = (now) => ({ now });
}
