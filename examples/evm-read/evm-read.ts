/* gateway-manifest {"hosts": ["ethereum-rpc.publicnode.com", "eth.drpc.org"], "methods": ["POST"]} */

// Reads a contract on Ethereum at a block, from two servers that must say the same. A block is asked for by its number, so that
// every node reads the same state; ask for one that is final.

interface Input {
  /** The contract, 0x and 40 hexadecimal digits. */
  to: string;
  /** Signature of the function, such as balanceOf(address). */
  function: string;
  /** Its arguments. */
  args: unknown[];
  /** Types of what it returns. */
  returns: string[];
  /** Number of the block. */
  block: number;
}

const SERVERS = ['https://ethereum-rpc.publicnode.com/', 'https://eth.drpc.org/'];

// Only what is called for stays: servers put their own words beside it.
export function transform(response: GatewayTransformed): GatewayTransform {
  if (response.status !== 200) return { headers: {}, body: '' };
  const { result, error } = response.json();
  return { headers: {}, body: error === undefined ? { result } : { error: true } };
}

export default async function (input: Input): Promise<unknown[]> {
  const types = /\((.*)\)$/.exec(input.function)?.[1];
  if (types === undefined || !Number.isSafeInteger(input.block)) throw new TypeError('the input takes function, args, returns and block');
  const encoded = types === '' ? '' : gateway.abi.encode(types.split(','), input.args).slice(2);
  const data = gateway.abi.selector(input.function) + encoded;
  const body = JSON.stringify({
    jsonrpc: '2.0', id: 1, method: 'eth_call', params: [{ to: input.to, data }, `0x${input.block.toString(16)}`],
  });
  const answers = await Promise.all(SERVERS.map(
    (server) => gateway.fetchJson(server, { method: 'POST', headers: { 'content-type': 'application/json' }, body })));
  const [first, second] = answers;
  if (first.error || second.error) throw new Error('the call fails at that block');
  if (first.result !== second.result) throw new Error('the servers say different things');
  return gateway.abi.decode(input.returns, first.result).map((value) => (typeof value === 'bigint' ? value.toString() : value));
}
