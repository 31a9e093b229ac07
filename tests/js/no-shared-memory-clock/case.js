// A counter in another thread is the classic way to tell time where there is no clock.
export default () => ({
  shared: typeof SharedArrayBuffer, atomics: typeof Atomics, worker: typeof Worker, wasm: typeof WebAssembly,
  views: Object.getOwnPropertyNames(Object.getPrototypeOf(Int8Array)).length > 0,
  hidden: Object.getOwnPropertyNames(globalThis).filter((name) => /shared|atomic|worker|wasm/i.test(name)),
});
