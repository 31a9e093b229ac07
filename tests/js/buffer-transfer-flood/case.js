// A transfer makes a buffer as much as its constructor does.
export default () => { try { return new ArrayBuffer(8).transfer(120 << 20).byteLength; } catch { return 'caught'; } };
