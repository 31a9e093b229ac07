export default () => typeof WebAssembly + typeof SharedArrayBuffer + typeof Atomics + typeof WeakRef;
