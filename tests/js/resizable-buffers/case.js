// Every way to a buffer that can grow: how far it grows depends on the machine.
const options = { maxByteLength: 1024 };
const tries = {
  plain: () => new ArrayBuffer(1, options),
  byPrototype: () => new ArrayBuffer.prototype.constructor(1, options),
  byInstance: () => new (new Uint8Array(1).buffer.constructor)(1, options),
  bySpecies: () => new ArrayBuffer[Symbol.species](1, options),
  subclass: () => { class Mine extends ArrayBuffer {} return new Mine(1, options); },
  reflect: () => Reflect.construct(ArrayBuffer, [1, options], Object),
  getter: () => new ArrayBuffer(1, { get maxByteLength() { return 7; } }),
  callable: () => new ArrayBuffer(1, Object.assign(() => {}, options)),
  inherited: () => { Object.prototype.maxByteLength = 9; try { return new ArrayBuffer(1, {}); } finally { delete Object.prototype.maxByteLength; } },
  bound: () => new (ArrayBuffer.bind(null, 1, options))(),
};
export default () => {
  const seen = Object.entries(tries).map(([name, make]) => {
    try { return `${name}: ${make().resizable}`; } catch (error) { return error.message === 'buffers that can be resized are not available: leave out maxByteLength' ? name : `${name}: ${error}`; }
  });
  const buffers = [new ArrayBuffer(8), structuredClone(new ArrayBuffer(8)), new ArrayBuffer(8).transfer(16), new ArrayBuffer(8).slice(2), new Uint8Array(3).buffer];
  const fixed = buffers.map((buffer) => [buffer.resizable, buffer.byteLength, buffer.maxByteLength, buffer instanceof ArrayBuffer]);
  let grown;
  try { new ArrayBuffer(8).resize(16); } catch (error) { grown = error.name; }
  return { seen, fixed, grown, of: [ArrayBuffer.name, ArrayBuffer.length, ArrayBuffer.isView(new DataView(buffers[0])), new ArrayBuffer(4, { maxByteLength: undefined }).byteLength] };
};
