// CometBFT's JSON-RPC by GET, as far as the explorer asks it. Every answer is bounded in time; at most six calls run at
// once, so that a busy page is no load on a public node.

import { concat, fromBase64, toBase64, toHex, utf8 } from '../proof/bytes';
import { readFields, text, writeBytes } from './protobuf';

/** The node could not be asked: it is away, or the page may not ask it. */
export class Unreachable extends Error {}
/** The node answered that it does not have or cannot do this. */
export class Refused extends Error {}

const TIMEOUT_MS = 15_000;
const AT_ONCE = 6;

export interface BlockHeader {
  chain_id: string;
  height: string;
  time: string;
  data_hash: string;
}

export interface RawEvent {
  type: string;
  attributes: { key: string; value: string }[];
}

export interface TxResult {
  code: number;
  log?: string;
  gas_used: string;
  gas_wanted: string;
  events: RawEvent[];
}

export interface Block {
  hash: string;
  header: BlockHeader;
  txs: Uint8Array[];
}

/** One node of the chain. */
export class Rpc {
  private running = 0;
  private waiting: (() => void)[] = [];
  private blocks = new Map<number, Promise<Block>>();
  private results = new Map<number, Promise<TxResult[]>>();

  constructor(readonly address: string) {}

  private async turn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) await new Promise<void>((go) => this.waiting.push(go));
    this.running += 1;
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.waiting.shift()?.();
    }
  }

  private call<T>(method: string, params: Record<string, string> = {}): Promise<T> {
    return this.turn(async () => {
      const url = new URL(`${this.address.replace(/\/$/, '')}/${method}`, location.href);
      for (const [key, value] of Object.entries(params)) url.searchParams.set(key, value);
      let body: any;
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        body = await response.json();
      } catch (error) {
        throw new Unreachable(`The chain's RPC at ${this.address} does not answer: ${(error as Error).message}`);
      }
      if (body.error) throw new Refused(body.error.data || body.error.message);
      return body.result as T;
    });
  }

  /** The chain's id and its newest height and time. */
  async status(): Promise<{ chainId: string; height: number; time: string }> {
    const status = await this.call<any>('status');
    const { latest_block_height, latest_block_time } = status.sync_info;
    return { chainId: status.node_info.network, height: Number(latest_block_height), time: latest_block_time };
  }

  /** A block; it never changes, so it is asked once. */
  block(height: number): Promise<Block> {
    return remember(this.blocks, height, async () => {
      const found = await this.call<any>('block', { height: String(height) });
      const txs = (found.block.data.txs ?? []).map(fromBase64);
      return { hash: found.block_id.hash, header: found.block.header, txs };
    });
  }

  /** What a block's transactions came to, in their order. */
  blockResults(height: number): Promise<TxResult[]> {
    return remember(this.results, height, async () => {
      const found = await this.call<any>('block_results', { height: String(height) });
      return (found.txs_results ?? []).map(plainEvents);
    });
  }

  /** Transactions that emitted what the query names, the newest first. Needs a node that indexes transactions. */
  async search(query: string, perPage = 10): Promise<{ height: number; tx: Uint8Array; result: TxResult }[]> {
    const params = { query: `"${query}"`, order_by: '"desc"', per_page: `"${perPage}"` };
    const found = await this.call<any>('tx_search', params);
    return found.txs.map((row: any) => ({
      height: Number(row.height),
      tx: fromBase64(row.tx),
      result: plainEvents(row.tx_result),
    }));
  }

  /** Asks a contract. */
  async smart<T>(contract: string, query: unknown): Promise<T> {
    const request = concat(writeBytes(1, utf8(contract)), writeBytes(2, utf8(JSON.stringify(query))));
    const data = await this.abci('/cosmwasm.wasm.v1.Query/SmartContractState', request);
    return parse(text(readFields(data).get(1)?.[0])) as T;
  }

  /** What an account holds of a denom. */
  async balance(address: string, denom: string): Promise<bigint> {
    const request = concat(writeBytes(1, utf8(address)), writeBytes(2, utf8(denom)));
    const coin = readFields(await this.abci('/cosmos.bank.v1beta1.Query/Balance', request)).get(1)?.[0];
    return BigInt(text(readFields(coin ?? new Uint8Array()).get(2)?.[0]) || '0');
  }

  /** An account's number and next sequence. */
  async account(address: string): Promise<{ number: bigint; sequence: bigint }> {
    const answer = await this.abci('/cosmos.auth.v1beta1.Query/Account', writeBytes(1, utf8(address)));
    const account = readFields(readFields(answer).get(1)?.[0] ?? new Uint8Array()).get(2)?.[0];
    const numbers = new Map<number, bigint>();
    readFields(account ?? new Uint8Array(), numbers);
    return { number: numbers.get(3) ?? 0n, sequence: numbers.get(4) ?? 0n };
  }

  /** Offers a signed transaction to the node's pool. Throws in the chain's words where it is refused. */
  async broadcast(tx: Uint8Array): Promise<string> {
    const { code, log, hash } = await this.call<any>('broadcast_tx_sync', { tx: `0x${toHex(tx)}` });
    if (code) throw new Refused(log);
    return hash;
  }

  private async abci(path: string, data: Uint8Array): Promise<Uint8Array> {
    const { response } = await this.call<any>('abci_query', { path: `"${path}"`, data: `0x${toHex(data)}` });
    if (response.code) throw new Refused(response.log);
    return fromBase64(response.value ?? '');
  }
}

/** Reads JSON; block times in nanoseconds stay text, since a JavaScript number would round them. */
const parse = (json: string): unknown => JSON.parse(json.replace(/"time_ns":(\d+)/g, '"time_ns":"$1"'));

/** Older nodes send attributes in base64. */
function plainEvents(result: TxResult): TxResult {
  const encoded = result.events.some((event) => event.attributes.some((a) => a.key === toBase64(utf8('_contract_address'))));
  if (!encoded) return result;
  const plain = (value: string) => new TextDecoder().decode(fromBase64(value ?? ''));
  const events = result.events.map((event) => ({
    type: event.type,
    attributes: event.attributes.map((a) => ({ key: plain(a.key), value: plain(a.value) })),
  }));
  return { ...result, events };
}

/** Asks once for what never changes; a failure is asked again, and the oldest of 200 is forgotten. */
function remember<T>(known: Map<number, Promise<T>>, key: number, ask: () => Promise<T>): Promise<T> {
  const old = known.get(key);
  if (old) return old;
  const asked = ask();
  known.set(key, asked);
  asked.catch(() => known.delete(key));
  if (known.size > 200) known.delete(known.keys().next().value!);
  return asked;
}
