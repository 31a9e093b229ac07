export default () => ({ a: [{ b: new RangeError("x") }] });
