export default () => ({ a: [{ b: new Date(NaN) }] });
