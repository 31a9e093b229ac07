export default () => ({ prices: [1, { usd: NaN }] });
