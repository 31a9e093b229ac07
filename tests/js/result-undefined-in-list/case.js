export default () => ({ prices: { list: [1, undefined] } });
