/* gateway-manifest {"hosts": ["api.coinbase.com"]} */
// The price of a coin from a public API, as a decimal.
// Input: {"pair": "ATOM-USD"}     Result: "4.715"
// Try it: gateway run examples/spot-price.js --input '{"pair": "ATOM-USD"}' --nodes 5 --skew 1s --rule median:50
//
// Register it with the rule `median`: prices move between one node's request and the next, and values within the
// tolerance of the median agree.

// Applied to every response before the code sees it and before it is recorded: keeps what the result depends on and
// drops what differs from node to node, such as headers and times.
export function transform(response) {
  if (response.status !== 200) return { headers: {}, body: '' };
  return { headers: {}, body: { amount: response.json().data.amount } };
}

export default async function ({ pair }) {
  if (!/^[A-Z]{2,6}-[A-Z]{3}$/.test(pair)) throw new TypeError('the input needs a pair such as ATOM-USD');
  const { amount } = await gateway.fetchJson(`https://api.coinbase.com/v2/prices/${pair}/spot`);
  return new gateway.Decimal(amount).toString();
}
