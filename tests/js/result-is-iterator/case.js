export default () => ({ a: [{ b: [1].values() }] });
