export default () => ({ a: [{ b: new Uint8Array(2) }] });
