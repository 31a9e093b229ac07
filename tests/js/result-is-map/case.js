export default () => ({ a: [{ b: new Map([[1, 2]]) }] });
