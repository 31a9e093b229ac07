// The seed of a beacon draw, from the tickets that transactions brought for its round. Pure: it reads evidence and asks nobody.

import { fromHex, toHex } from '../proof/bytes';
import type { Begin, Step } from './builder';
import type { Evidence } from './evidence';

/** Tickets that make a beacon draw's seed, at most. */
const TICKETS = 7;
/** Blocks after the round in which tickets are taken where there are enough, and where there are not. */
const USUAL_BLOCKS = 3;
const LAST_BLOCKS = 10;

/** The seed of a beacon draw: whose tickets were brought, that they hold, that the lowest were taken, and what they make. */
export function beaconDraw(e: Evidence, begin: Begin): Step {
  const domain = { chainId: e.chainId, contract: e.contract };
  const beacon = e.round.beacon;
  const step = begin('beacon-draw', "The draw's seed, of tickets", "The lowest tickets under the round's seed, one of each operator, make the seed with it: whoever chose the time of the round could not know them.", [
    ["round's seed", toHex(e.roundSeed)],
    ['tickets', beacon ? `${beacon.lowest.length} of ${beacon.needed} needed${beacon.fallback ? ': too few came, so a proposer could have tried seeds' : ''}` : 'none'],
    ['drawn from block', String(beacon?.drawn_from ?? 'not yet')],
  ]);
  if (!beacon) {
    step.require(false, 'the round takes no tickets');
    return step.step();
  }
  const shown = e.roundTickets;
  // What may have made the seed: the tickets that the contract took, and others that hold. Who brings a ticket that the contract
  // need not look at may write anything into it.
  const candidates: { node: number; operator: string; value: string; height: number }[] = [];
  let absent = false;
  for (const taken of beacon.lowest) {
    const own = shown?.filter(({ node }) => node === taken.node) ?? [];
    const found = own.find(({ bytes }) => toHex(bytes.slice(0, 32)) === taken.output) ?? own[0];
    const holder = e.ticketHolders.get(taken.node);
    if (!found || !holder) {
      absent = true;
      continue;
    }
    const name = `node ${taken.node}'s ticket`;
    const output = found.bytes.slice(0, 32);
    step.inputs.push([`${name}, in block ${found.height}`, `${toHex(output)}, ${holder.units} units`]);
    step.compute(`${name}: VRF proof`, (p) => p.ticket(domain, e.roundSeed, holder.key, found.bytes) || 'holds', String, 'holds');
    step.compute(`${name}: value`, (p) => p.ticketValue(output, holder.units), toHex, taken.value);
    step.require(toHex(output) === taken.output, `the contract has another output of node ${taken.node}`);
    step.require(found.height <= e.round.height + LAST_BLOCKS, `node ${taken.node}'s ticket came in block ${found.height}`);
    candidates.push({ node: taken.node, operator: holder.operator, value: taken.value, height: found.height });
  }
  for (const { node, bytes, height } of shown ?? []) {
    const holder = e.ticketHolders.get(node);
    if (!holder || beacon.lowest.some((taken) => taken.node === node)) continue;
    if (step.implementations.some((p) => p.ticket(domain, e.roundSeed, holder.key, bytes) !== '')) continue;
    const value = step.compute(`node ${node}'s ticket, not taken: value`, (p) => p.ticketValue(bytes.slice(0, 32), holder.units), toHex);
    if (value?.length) candidates.push({ node, operator: holder.operator, value: toHex(value), height });
  }
  if (!shown) step.unknown('The blocks with the tickets are no longer at this node: their proofs were not checked.');
  else if (absent) step.unknown("A ticket was brought inside another contract's message: its proof is not in the bytes of a transaction.");
  else {
    const ascending = candidates.toSorted((a, b) => (a.value < b.value ? -1 : 1));
    const lowest = ascending.filter((c, i) => ascending.findIndex((other) => other.operator === c.operator) === i).slice(0, TICKETS);
    const nodes = (list: { node: number }[]) => list.map(({ node }) => node).join(', ') || 'none';
    step.require(nodes(lowest) === nodes(beacon.lowest), `the lowest tickets are of nodes ${nodes(lowest)}, the contract took ${nodes(beacon.lowest)}`);
    const usual = e.round.height + (beacon.fallback ? LAST_BLOCKS : USUAL_BLOCKS);
    const end = beacon.fallback ? usual : Math.max(usual, ...lowest.map(({ height }) => height));
    step.require(beacon.drawn_from === end, `the draw stands from block ${end}, the contract says ${beacon.drawn_from}`);
  }
  const operators = beacon.lowest.map(({ node }) => e.ticketHolders.get(node)?.operator);
  step.require(new Set(operators).size === operators.length, 'two tickets are of one operator');
  step.require(beacon.lowest.every((ticket, i, all) => i === 0 || all[i - 1].value < ticket.value), 'the tickets do not ascend');
  const needed = Math.min(TICKETS, e.epoch.operators);
  step.require(beacon.needed === needed, `${needed} tickets are needed, the contract says ${beacon.needed}`);
  step.require(beacon.fallback === beacon.lowest.length < beacon.needed, 'whether too few came is not what their number says');
  const outputs = beacon.lowest.map(({ output }) => fromHex(output));
  const seed = e.request.draw?.seed;
  if (outputs.length === 0) step.require(seed === toHex(e.roundSeed), "without a ticket the seed is the round's");
  else step.compute('seed', (p) => p.beaconSeed(domain, e.roundSeed, outputs), toHex, seed);
  return step.step();
}
