export default () => ({ a: [{ b: [1, , 2] }] });
