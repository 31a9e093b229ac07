export default () => new ArrayBuffer(1e10).byteLength;
