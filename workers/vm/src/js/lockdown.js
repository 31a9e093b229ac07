// What differs between machines, threads or moments goes; what code could use to make code goes.
const runtime = { __proto__: null };

// Called in every context before the code: V8 adds to some of these when it restores a context, so they have to
// be there until then. In brackets, because V8 compiles such functions at once and the snapshot then holds the result.
runtime.lockdown = (() => {
  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry']) {
    delete globalThis[name];
  }
});

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

// Defines a global as the platform's own are: writable, configurable, not enumerable.
function define(target, name, value) {
  Object.defineProperty(target, name, { value, writable: true, enumerable: false, configurable: true });
}
