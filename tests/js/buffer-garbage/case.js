// Buffers that nobody holds any more are collected before the limit ends a run.
export default () => { let sum = 0; for (let i = 0; i < 100; i++) sum += new Uint8Array(2 << 20).fill(1)[i]; return sum; };
