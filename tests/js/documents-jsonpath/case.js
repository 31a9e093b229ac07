const DATA = { z: 1, store: { book: [{ price: 8.95, title: 'a' }, { price: 22.99, title: 'b' }], bicycle: { price: 399 } } };
const failure = (make) => { try { return make(); } catch (error) { return `${error.name}`; } };
export default () => [
  gateway.jsonPath(DATA, '$.store.book[*].price'),
  gateway.jsonPath(DATA, '$.store.book[?@.price > 10].title'),
  gateway.jsonPath(DATA, "$.store.book[?match(@.title, '[ab]')].title"),
  gateway.jsonPath(DATA, '$..price').length,
  gateway.jsonPath(DATA, '$.store.book[-1]')[0] === DATA.store.book[1],
  gateway.jsonPath(DATA, '$.nothing'),
  gateway.jsonPath([1, 2, 3], '$[0:2]'),
  failure(() => gateway.jsonPath(DATA, 'store')),
];
