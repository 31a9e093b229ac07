// Forges evidence: a copy in which one bit of one byte is flipped. It shows that verification notices.

import type { Evidence } from './evidence';

/** A part of the evidence that can be forged. */
export interface Target {
  id: string;
  label: string;
  size: number;
}

const PARTS = ['output', 'R', 'Hr', 's', 'salt'];

/** What can be forged in some evidence. */
export function targets(e: Evidence): Target[] {
  const list: Target[] = [
    { id: 'seed', label: "the round's seed", size: 32 },
    { id: 'epoch', label: "the epoch's seed", size: 32 },
    { id: 'transaction', label: 'the transaction', size: e.transaction.bytes.length },
  ];
  const body = e.publication.body;
  if ('inline' in body) list.unshift({ id: 'body', label: 'the result', size: body.inline.text.length });
  for (const { node } of e.proofs) {
    for (const [at, part] of PARTS.entries()) list.push({ id: `proof-${node}-${at}`, label: `node ${node}: ${part}`, size: 32 });
    if (e.holders.has(node)) list.push({ id: `key-${node}`, label: `node ${node}: key`, size: 32 });
  }
  for (const { node } of e.roundTickets ?? []) {
    for (const [at, part] of PARTS.slice(0, 4).entries()) list.push({ id: `ticket-${node}-${at}`, label: `node ${node}'s ticket: ${part}`, size: 32 });
  }
  if (e.ticket) list.push({ id: 'beacon', label: "the epoch's ticket", size: 128 });
  if (e.code) list.push({ id: 'code', label: 'the code', size: e.code.length });
  if (e.input) list.push({ id: 'input', label: 'the input', size: e.input.length });
  return list.filter((target) => target.size > 0);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] ^= 1;
  return copy;
}

/** The evidence with the lowest bit of one byte of a target flipped. */
export function tamper(e: Evidence, target: string, at: number): Evidence {
  const [what, node, part] = target.split('-');
  switch (what) {
    case 'seed':
      return { ...e, roundSeed: flipped(e.roundSeed, at) };
    case 'epoch':
      return { ...e, epochSeed: flipped(e.epochSeed, at) };
    case 'transaction':
      return { ...e, transaction: { ...e.transaction, bytes: flipped(e.transaction.bytes, at) } };
    case 'code':
      return { ...e, code: e.code && flipped(e.code, at) };
    case 'input':
      return { ...e, input: e.input && flipped(e.input, at) };
    case 'body': {
      if (!('inline' in e.publication.body)) return e;
      const text = e.publication.body.inline.text;
      const other = String.fromCharCode(text.charCodeAt(at) ^ 1);
      return { ...e, publication: { ...e.publication, body: { inline: { text: text.slice(0, at) + other + text.slice(at + 1) } } } };
    }
    case 'proof': {
      const forge = (bytes: Uint8Array) => flipped(bytes, 32 * Number(part) + at);
      return { ...e, proofs: e.proofs.map((p) => (p.node === Number(node) ? { ...p, bytes: forge(p.bytes) } : p)) };
    }
    case 'ticket': {
      const forge = (bytes: Uint8Array) => flipped(bytes, 32 * Number(part) + at);
      return { ...e, roundTickets: e.roundTickets?.map((t) => (t.node === Number(node) ? { ...t, bytes: forge(t.bytes) } : t)) };
    }
    case 'beacon':
      return { ...e, ticket: e.ticket && { ...e.ticket, bytes: flipped(e.ticket.bytes, at) } };
    case 'key': {
      const holders = new Map(e.holders);
      const holder = holders.get(Number(node));
      if (holder) holders.set(holder.node, { ...holder, key: flipped(holder.key, at) });
      return { ...e, holders };
    }
    default:
      return e;
  }
}
