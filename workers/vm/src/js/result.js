// From the code's value to JSON text, refusing what JSON would change without a word.
{
  const stringify = JSON.stringify;
  const isFinite = Number.isFinite;
  // The code may have taken them away.
  const { Map, Promise } = globalThis;

  const MAX_DEPTH = 127;

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

  runtime.serialize = (value) => {
    const parents = new Map();
    const text = stringify(value, function (key, item) {
      switch (typeof item) {
        case 'number':
          if (!isFinite(item)) throw new NotJson(`${path(this, key, parents)} is ${item}, which JSON has no form for`);
          return item;
        case 'bigint':
          throw new NotJson(`${path(this, key, parents)} is a BigInt; return it as a string with .toString()`);
        case 'function':
        case 'symbol':
          throw new NotJson(`${path(this, key, parents)} is a ${typeof item}, which JSON has no form for`);
        case 'object':
          if (item !== null) {
            if (item instanceof Promise) throw new NotJson(`${path(this, key, parents)} is a promise; await it`);
            const depth = (parents.get(this)?.depth ?? 0) + 1;
            // Before the stack overflows, which is no place that an outcome should depend on.
            if (depth > MAX_DEPTH) throw new NotJson(`the result is nested deeper than ${MAX_DEPTH}`);
            parents.set(item, { holder: this, key, depth });
          }
          return item;
        default:
          return item;
      }
    });
    if (text === undefined) throw new NotJson('the code returned undefined; return a value, or null');
    return text;
  };

  runtime.context = (now) => ({ now });
}
