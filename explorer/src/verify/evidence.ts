// Gathers from the chain everything that a result can be verified by. It decides nothing.

import { fromBase64, fromHex, utf8 } from '../proof/bytes';
import { keyAt, unitsAt, type Contract } from '../chain/contract';
import { contractMessages, dataHash, gatewayEvents, transactionOf, transactionsAt, type Transaction } from '../chain/transactions';
import type { Epoch, Node, Publication, Request, Result, Round } from '../chain/types';
import type { Relay } from '../relay/client';

/** Blocks after a round in which tickets for it may come. */
const TICKET_BLOCKS = 10;

/** A node as the epoch of the draw had it. */
export interface Seatholder {
  node: number;
  moniker: string;
  operator: string;
  key: Uint8Array;
  units: number;
}

/** One attestation of the publication. */
export interface Proof {
  node: number;
  bytes: Uint8Array;
  value?: string;
}

/** A ticket that somebody brought for the round of a beacon draw. */
export interface RoundTicket {
  node: number;
  bytes: Uint8Array;
  /** The block whose transaction carried it. */
  height: number;
}

/** All that verification reads. A copy with one byte changed is a forged publication. */
export interface Evidence {
  chainId: string;
  contract: string;
  request: Request;
  result: Result;
  publication: Publication;
  proofs: Proof[];
  holders: Map<number, Seatholder>;
  /** Units that all nodes' schedules give in the epoch. */
  scheduledUnits: number;
  round: Round;
  roundSeed: Uint8Array;
  roundTimeNs: bigint;
  /** Block time of the round's block, from its header; absent where the node has pruned it. */
  headerTimeNs?: bigint;
  previousRound?: Round;
  epoch: Epoch;
  epochSeed: Uint8Array;
  previousEpoch?: Epoch;
  /** The block in which the contract began, where the epoch is its first. */
  genesis?: { height: number; timeNs: bigint };
  /** The lowest ticket of the epoch before, where its transaction was found. */
  ticket?: { node: number; key: Uint8Array; bytes: Uint8Array };
  /** Of a beacon draw: the tickets in the blocks after its round, and the nodes that they name; absent where blocks are pruned. */
  roundTickets?: RoundTicket[];
  ticketHolders: Map<number, Seatholder>;
  transaction: Transaction;
  block: { dataHash: string; computed: string; time: string };
  /** The body's bytes; absent where the chain has only its hash and no relay has it. */
  body?: Uint8Array;
  input?: Uint8Array;
  code?: Uint8Array;
}

/** Nanoseconds since 1970 of a time as CometBFT writes it. */
export function nanoseconds(time: string): bigint {
  const [, seconds, fraction = ''] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(time) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

const optional = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined);

/** Gathers a result's evidence. Throws, in words for people, where the chain does not have a part it takes. */
export async function gather(contract: Contract, id: number, relay?: Relay): Promise<Evidence> {
  const { rpc } = contract;
  const [{ chainId }, request, result] = await Promise.all([rpc.status(), contract.request(id), contract.result(id)]);
  if (!result) throw new Error(`Request ${id} has no result yet: there is nothing to verify.`);
  const found = await transactionOf(rpc, contract.address, result.height, 'gateway-request-fulfilled', id);
  if (!found) throw new Error(`Block ${result.height} holds no transaction that fulfilled request ${id}.`);
  const transaction = found.tx;
  const publication = await publicationOf(contract, transaction, id);

  const round = await contract.round(result.round);
  const [previousRound, epoch, block, nodes] = await Promise.all([
    round.round > 0 ? contract.round(round.round - 1) : undefined,
    contract.epoch(round.epoch),
    rpc.block(result.height),
    contract.nodes(),
  ]);
  const previousEpoch = epoch.epoch > 0 ? await contract.epoch(epoch.epoch - 1) : undefined;
  // Round 0 and epoch 0 began in the same block.
  const first = epoch.epoch > 0 ? undefined : await contract.round(0);
  const [header, ticket, roundTickets, input, body] = await Promise.all([
    optional(rpc.block(round.height)),
    optional(ticketOf(contract, nodes, previousEpoch, epoch, relay)),
    optional(roundTicketsOf(contract, round)),
    optional(inputOf(contract, request)),
    'inline' in result.body ? utf8(result.body.inline.text) : relay && optional(relay.body(id)),
  ]);
  return {
    chainId,
    contract: contract.address,
    request,
    result,
    publication,
    proofs: publication.attestations.map((a) => ({ node: a.node, bytes: fromBase64(a.proof), value: a.value })),
    holders: holdersAt(nodes, epoch.epoch, publication.attestations),
    roundTickets,
    ticketHolders: holdersAt(nodes, epoch.epoch, [...(roundTickets ?? []), ...(round.beacon?.lowest ?? [])]),
    scheduledUnits: nodes.reduce((sum, node) => sum + unitsAt(node.schedule, epoch.epoch), 0),
    round,
    roundSeed: fromHex(round.seed),
    roundTimeNs: BigInt(round.time_ns),
    headerTimeNs: header && nanoseconds(header.header.time),
    previousRound,
    epoch,
    epochSeed: fromHex(epoch.seed),
    previousEpoch,
    genesis: first && { height: first.height, timeNs: BigInt(first.time_ns) },
    ticket,
    transaction,
    block: { dataHash: block.header.data_hash, computed: dataHash(block), time: block.header.time },
    body,
    input,
  };
}

/** Nodes as an epoch had them, those of the rows given. */
function holdersAt(nodes: Node[], epoch: number, rows: { node: number }[]): Map<number, Seatholder> {
  const holders = new Map<number, Seatholder>();
  for (const { node } of rows) {
    const of = nodes.find((entry) => entry.node === node);
    const key = of && keyAt(of.keys, epoch);
    if (!of || !key) continue;
    const { operator, moniker, schedule } = of;
    holders.set(node, { node, moniker, operator, key: fromHex(key), units: unitsAt(schedule, epoch) });
  }
  return holders;
}

/** The publication that a transaction carries; one that gathered over several is put together again. */
async function publicationOf(contract: Contract, tx: Transaction, id: number): Promise<Publication> {
  const own = tx.messages.filter((message) => message.contract === contract.address);
  for (const { msg } of own) {
    const published = msg.publish?.publications?.find((p: Publication) => p.request === id);
    if (published) return published;
  }
  const last: Publication | undefined = own.map(({ msg }) => msg.attest?.publication).find((p) => p?.request === id);
  if (!last)
    throw new Error(`Transaction ${tx.hash} carries the publication inside another contract's message: it is not in its bytes.`);
  const attestations = new Map(last.attestations.map((a) => [a.node, a]));
  for (const kept of await contract.rpc.search(`wasm-gateway-attestations-kept.request='${id}'`, 100)) {
    for (const { msg } of contractMessages(kept.tx)) {
      const part: Publication | undefined = msg.attest?.publication;
      const same = part?.request === id && part.class === last.class && JSON.stringify(part.body) === JSON.stringify(last.body);
      if (same) for (const a of part.attestations) attestations.set(a.node, a);
    }
  }
  return { ...last, attestations: [...attestations.values()] };
}

/** The input as its transaction carried it. */
async function inputOf(contract: Contract, request: Request): Promise<Uint8Array | undefined> {
  if (request.input) return utf8(request.input);
  const opened = await transactionOf(contract.rpc, contract.address, request.height, 'gateway-request-opened', request.request);
  const inputs = (opened?.tx.messages ?? []).flatMap(({ msg }) => (msg.request?.input === undefined ? [] : [msg.request.input]));
  return inputs.length === 1 ? utf8(inputs[0]) : undefined;
}

/** The tickets that transactions brought for a round that draws by them. Blocks after the last that may count are not read. */
async function roundTicketsOf(contract: Contract, round: Round): Promise<RoundTicket[] | undefined> {
  if (!round.beacon) return undefined;
  const last = Math.min(round.beacon.drawn_from ?? Infinity, round.height + TICKET_BLOCKS);
  const heights = Array.from({ length: last - round.height }, (_, i) => round.height + 1 + i);
  const blocks = await Promise.all(heights.map((height) => transactionsAt(contract.rpc, height)));
  return blocks.flat().flatMap((tx) =>
    tx.result.code !== 0
      ? []
      : tx.messages.flatMap(({ contract: of, msg }) =>
          of !== contract.address || msg.submit_round_tickets?.round !== round.round
            ? []
            : msg.submit_round_tickets.tickets.map((ticket: { node: number; proof: string }) => ({
                node: ticket.node,
                bytes: fromBase64(ticket.proof),
                height: tx.height,
              })),
        ),
  );
}

/** The transaction that brought the last ticket accepted in an epoch: from the index, or by the height that a relay has. */
async function lastTicket(contract: Contract, previous: Epoch, epoch: Epoch, relay?: Relay) {
  const { rpc, address } = contract;
  try {
    const range = `tx.height>=${previous.height} AND tx.height<=${epoch.height}`;
    return (await rpc.search(`${range} AND wasm-gateway-ticket-accepted.epoch='${previous.epoch}'`, 1))[0];
  } catch (error) {
    if (!relay) throw error;
    const found = await relay.history('gateway-ticket-accepted', previous.height, epoch.height);
    const last = found.filter((event) => event.attributes.epoch === String(previous.epoch)).at(-1);
    const accepted = (result: Transaction['result']) =>
      gatewayEvents(result.events, address).some((event) => event.type === 'gateway-ticket-accepted');
    const tx = last && (await transactionsAt(rpc, last.height)).findLast(({ result }) => accepted(result));
    return tx && { tx: tx.bytes, result: tx.result };
  }
}

/** The ticket that made an epoch's seed: the last one accepted in the epoch before. */
async function ticketOf(
  contract: Contract,
  nodes: Node[],
  previous: Epoch | undefined,
  epoch: Epoch,
  relay?: Relay,
): Promise<Evidence['ticket']> {
  if (!previous || epoch.quality !== 'beacon') return undefined;
  const last = await lastTicket(contract, previous, epoch, relay);
  if (!last) return undefined;
  const accepted = gatewayEvents(last.result.events, contract.address).filter((e) => e.type === 'gateway-ticket-accepted').at(-1);
  const node = Number(accepted?.attributes.node);
  const message = contractMessages(last.tx).findLast(({ msg }) => msg.submit_ticket?.node === node);
  const key = keyAt(nodes.find((entry) => entry.node === node)?.keys ?? [], previous.epoch);
  return message && key ? { node, key: fromHex(key), bytes: fromBase64(message.msg.submit_ticket.proof) } : undefined;
}

/** The code from global's store. */
export async function codeFromStore(global: string, sha256: string): Promise<Uint8Array> {
  const response = await fetch(`${global.replace(/\/$/, '')}/v1/code/${sha256}`, { signal: AbortSignal.timeout(15_000) });
  if (!response.ok) throw new Error(`the store answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}
