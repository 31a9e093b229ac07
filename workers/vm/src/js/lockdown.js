// What differs between machines, threads or moments goes; what code could use to make code goes.
const runtime = { __proto__: null };

// Called in every context before the code: V8 adds to some of these when it restores a context, so they have to
// be there until then. In brackets, because V8 compiles such functions at once and the snapshot then holds the result.
runtime.lockdown = (() => {
  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry']) {
    delete globalThis[name];
  }
});

// A buffer that can grow lies outside what is counted, and how far it can grow depends on the machine: `maxByteLength` is
// refused wherever it is given, and without it nothing makes such a buffer. The constructor stands in for V8's in every
// place where code finds it.
{
  const Native = ArrayBuffer;
  const { construct } = Reflect;
  // A proxy, so that everything else is V8's own, down to what it says of itself.
  const Fixed = new Proxy(Native, {
    __proto__: null,
    construct(target, list, newTarget) {
      const options = list[1];
      const isObject = (typeof options === 'object' && options !== null) || typeof options === 'function';
      if (isObject && options.maxByteLength !== undefined) {
        throw new TypeError('buffers that can be resized are not available: leave out maxByteLength');
      }
      return construct(target, [list[0]], newTarget === Fixed ? Native : newTarget);
    },
  });
  Object.defineProperty(Native.prototype, 'constructor', { value: Fixed });
  Object.defineProperty(globalThis, 'ArrayBuffer', { value: Fixed });
}

// Math.random draws from the job's seed, 64 numbers at a time.
{
  const pool = new Float64Array(64);
  let next = pool.length;
  const fill = host.random;
  // A method, because those are no constructors.
  const methods = {
    random() {
      if (next === pool.length) {
        fill(pool);
        next = 0;
      }
      return pool[next++];
    },
  };
  Object.defineProperty(Math, 'random', { value: methods.random, writable: true, enumerable: false, configurable: true });
}

// The global object under the name that browsers and workers have for it.
Object.defineProperty(globalThis, 'self', { value: globalThis, writable: true, enumerable: false, configurable: true });

// Defines a global as the platform's own are: writable, configurable, not enumerable.
function define(target, name, value) {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
}

// Defines a class as a global, with the name that `Object.prototype.toString` gives its instances (Web IDL, section 3.7.6).
function defineClass(type) {
  define(globalThis, type.name, type);
  Object.defineProperty(type.prototype, Symbol.toStringTag, { value: type.name, writable: false, enumerable: false, configurable: true });
}
