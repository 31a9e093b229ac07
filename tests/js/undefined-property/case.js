export default () => ({ a: undefined, b: [undefined] });
