/* gateway-manifest {"hosts": ["mempool.space"]} */

// Proof of reserves: the confirmed bitcoins on published addresses. Sums are exact, in satoshi.

interface Input {
  /** The addresses, 1 to 8. */
  addresses: string[];
}

// What waits in the mempool differs from node to node: confirmed sums are kept alone.
export function transform(response: GatewayTransformed): GatewayTransform {
  if (response.status !== 200) return { headers: {}, body: '' };
  const { funded_txo_sum, spent_txo_sum } = response.json().chain_stats;
  return { headers: {}, body: { funded_txo_sum, spent_txo_sum } };
}

export default async function ({ addresses }: Input) {
  if (!Array.isArray(addresses) || addresses.length < 1 || addresses.length > 8) throw new RangeError('addresses takes 1 to 8');
  if (new Set(addresses).size !== addresses.length) throw new TypeError('an address stands twice in the list');
  const balances = await Promise.all(addresses.map(async (address) => {
    if (!/^[a-zA-Z0-9]{26,90}$/.test(address)) throw new TypeError(`${address} is no address`);
    const stats = await gateway.fetchJson(`https://mempool.space/api/address/${address}`);
    return BigInt(stats.funded_txo_sum) - BigInt(stats.spent_txo_sum);
  }));
  const satoshi = balances.reduce((a, b) => a + b, 0n);
  return { satoshi: satoshi.toString(), bitcoin: new gateway.Decimal(satoshi).dividedBy(100_000_000, 8).toFixed(8) };
}
