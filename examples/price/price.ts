/* gateway-manifest {"hosts": ["api.coinbase.com", "api.kraken.com", "www.bitstamp.net"]} */

// The price of a coin in US dollars, a decimal: the median of the exchanges that answer, at least two of three.

interface Input {
  /** Symbol of the coin, such as ATOM. */
  coin: string;
}

const sources: ((coin: string) => Promise<string>)[] = [
  async (coin) => (await gateway.fetchJson(`https://api.coinbase.com/v2/prices/${coin}-USD/spot`)).data.amount,
  async (coin) => {
    const { result } = await gateway.fetchJson(`https://api.kraken.com/0/public/Ticker?pair=${coin}USD`);
    return result[Object.keys(result).sort()[0]!].c[0];
  },
  async (coin) => (await gateway.fetchJson(`https://www.bitstamp.net/api/v2/ticker/${coin.toLowerCase()}usd/`)).last,
];

export default async function ({ coin }: Input): Promise<string> {
  if (!/^[A-Z]{2,6}$/.test(coin)) throw new TypeError('the input takes a coin such as {"coin": "ATOM"}');
  const answers = await Promise.allSettled(sources.map((source) => source(coin)));
  const prices = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [new gateway.Decimal(answer.value)] : []));
  if (prices.length < 2) {
    const text = `only ${prices.length} of ${sources.length} exchanges answered`;
    // A node that did not reach them says so and tries again; that they do not know the coin is an answer.
    const unreached = answers.some((answer) => answer.status === 'rejected' && answer.reason instanceof gateway.SourceError);
    throw unreached ? new gateway.SourceError(text) : new Error(text);
  }
  return gateway.Decimal.median(prices).toString();
}
