// Reads transactions: which messages to the contract they carry, and what the contract emitted. Also the Merkle root that
// binds transactions to their block (RFC 6962, as CometBFT uses it).

import { concat, toHex } from '../proof/bytes';
import { sha256 } from '../proof/hash';
import { readFields, text } from './protobuf';
import type { Block, RawEvent, Rpc, TxResult } from './rpc';

/** A message to a contract. */
export interface ContractMessage {
  sender: string;
  contract: string;
  msg: any;
}

/** A transaction of a block. */
export interface Transaction {
  hash: string;
  height: number;
  index: number;
  bytes: Uint8Array;
  messages: ContractMessage[];
  result: TxResult;
}

/** An event of the gateway contract, without the chain's prefix. */
export interface GatewayEvent {
  type: string;
  attributes: Record<string, string>;
}

const EXECUTE = '/cosmwasm.wasm.v1.MsgExecuteContract';

/** The messages to contracts that a transaction carries itself; those that contracts send on are not in it. */
export function contractMessages(tx: Uint8Array): ContractMessage[] {
  const body = readFields(tx).get(1)?.[0];
  if (!body) return [];
  return (readFields(body).get(1) ?? []).flatMap((any) => {
    const wrapped = readFields(any);
    if (text(wrapped.get(1)?.[0]) !== EXECUTE) return [];
    const fields = readFields(wrapped.get(2)?.[0] ?? new Uint8Array());
    try {
      const msg = JSON.parse(text(fields.get(3)?.[0]));
      return [{ sender: text(fields.get(1)?.[0]), contract: text(fields.get(2)?.[0]), msg }];
    } catch {
      return [];
    }
  });
}

/** The contract's own events among a transaction's. */
export function gatewayEvents(events: RawEvent[], contract: string): GatewayEvent[] {
  return events.flatMap((event) => {
    const attributes = Object.fromEntries(event.attributes.map((a) => [a.key, a.value]));
    const own = event.type.startsWith('wasm-gateway-') && attributes._contract_address === contract;
    return own ? [{ type: event.type.slice('wasm-'.length), attributes }] : [];
  });
}

/** The transactions of a block with what they came to. */
export async function transactionsAt(rpc: Rpc, height: number): Promise<Transaction[]> {
  const [block, results] = await Promise.all([rpc.block(height), rpc.blockResults(height)]);
  return block.txs.map((bytes, index) => ({
    hash: toHex(sha256(bytes)).toUpperCase(),
    height,
    index,
    bytes,
    messages: contractMessages(bytes),
    result: results[index],
  }));
}

/** The transaction of a block that emitted an event for a request, or for what another attribute names. */
export async function transactionOf(rpc: Rpc, contract: string, height: number, type: string, id: number, attribute = 'request') {
  for (const tx of await transactionsAt(rpc, height)) {
    const event = gatewayEvents(tx.result.events, contract).find(
      (event) => event.type === type && event.attributes[attribute] === String(id),
    );
    if (event) return { tx, event };
  }
  return undefined;
}

/** The root that a block's header has for its transactions. */
export function dataHash(block: Block): string {
  return toHex(root(block.txs.map(sha256))).toUpperCase();
}

function root(leaves: Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256(new Uint8Array());
  if (leaves.length === 1) return sha256(concat(Uint8Array.of(0), leaves[0]));
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return sha256(concat(Uint8Array.of(1), root(leaves.slice(0, split)), root(leaves.slice(split))));
}
