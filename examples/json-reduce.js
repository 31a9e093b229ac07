// Parses a JSON document and reduces it: sales per product, the best seller and the total.
// Input: {"document": "[{\"product\":\"tea\",\"units\":3,\"price\":250}, …]"}
// Result: {"best":"tea","products":{"tea":{"amount":750,"units":3}},"total":750}
// Try it: gateway run examples/json-reduce.js --input '{"document": "[{\"product\":\"tea\",\"units\":3,\"price\":250}]"}'
//
// An ES module: the gateway calls the default export with the input. Amounts are in cents, because integers
// are the same everywhere.
export default async function (input) {
  const rows = JSON.parse(input.document);
  if (!Array.isArray(rows)) throw new TypeError('the document is not a list');
  const products = {};
  let total = 0;
  rows.forEach(({ product, units, price }, index) => {
    if (typeof product !== 'string' || !Number.isInteger(units) || !Number.isInteger(price)) {
      throw new TypeError(`row ${index} needs a product, whole units and a whole price`);
    }
    const amount = units * price;
    const sum = (products[product] ??= { units: 0, amount: 0 });
    sum.units += units;
    sum.amount += amount;
    total += amount;
  });
  const best = Object.keys(products).sort().reduce(
    (a, b) => (a === null || products[b].amount > products[a].amount ? b : a), null);
  return { best, products, total };
}
