export default () => new Proxy({ a: 1 }, { get: (t, k) => (k === 'a' ? 2 : t[k]) });
