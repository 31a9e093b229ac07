export default () => ({ a: [{ b: Object(1n) }] });
