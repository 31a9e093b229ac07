export default () => ({ a: [JSON.rawJSON('1e400')] });
