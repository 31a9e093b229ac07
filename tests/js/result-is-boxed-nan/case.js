export default () => ({ a: [{ b: new Number(NaN) }] });
