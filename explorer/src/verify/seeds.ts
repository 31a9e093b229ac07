// The seeds of the draw's epoch and round, from those before them. Pure: it reads evidence and asks nobody.

import { fromHex, toHex } from '../proof/bytes';
import type { Begin, Step } from './builder';
import type { Evidence } from './evidence';

/** The epoch's seed: of the first epoch from the contract's first block, of any other from the one before and its lowest ticket. */
export function epochSeed(e: Evidence, begin: Begin): Step {
  const domain = { chainId: e.chainId, contract: e.contract };
  const step = begin('epoch-seed', `The seed of epoch ${e.epoch.epoch}`, 'It follows from the seed before it and the lowest beacon ticket, so that nobody could choose it.', [
    ['seed before', e.previousEpoch?.seed ?? "none: the first epoch's is of the contract's first block"],
    ['from a ticket', e.epoch.quality === 'beacon' ? 'yes' : 'no: nobody brought one'],
    ['units', String(e.epoch.total_units)],
  ]);
  const seed = toHex(e.epochSeed);
  if (!e.previousEpoch) {
    const { height, timeNs } = e.genesis ?? {};
    step.require(e.epoch.epoch === 0, 'only the first epoch has none before it');
    if (height === undefined || timeNs === undefined) step.unknown("The contract's first block was not found.");
    else {
      step.inputs.push(['first block', String(height)], ['its time, ns', String(timeNs)]);
      step.compute('seed', (p) => p.genesisSeed(domain, BigInt(height), timeNs), toHex, seed);
    }
  } else if (e.epoch.quality === 'beacon' && !e.ticket)
    step.unknown('The transaction with the lowest ticket was not found: this node does not index old transactions.');
  else {
    const before = fromHex(e.previousEpoch.seed);
    const ticket = e.ticket;
    if (ticket) {
      step.inputs.push(['ticket of node', String(ticket.node)], ['its key', toHex(ticket.key)]);
      step.compute("the ticket's VRF proof", (p) => p.ticket(domain, before, ticket.key, ticket.bytes), (fault) => fault, '');
    }
    step.compute('seed', (p) => p.epochSeed(domain, before, ticket?.bytes.slice(0, 32)), toHex, seed);
  }
  return step.step();
}

/** The round's seed: the first round follows from the seed of its epoch alone, any other from the round before it too. */
export function roundSeed(e: Evidence, begin: Begin): Step {
  const domain = { chainId: e.chainId, contract: e.contract };
  const step = begin('round-seed', `The seed of round ${e.round.round}`, 'It follows from the epoch, the round before, and the height and time of the block that opened the round.', [
    ["epoch's seed", toHex(e.epochSeed)],
    ['seed before', e.previousRound?.seed ?? "none: the first round's is its epoch's"],
    ['height', String(e.round.height)],
    ['block time, ns', String(e.roundTimeNs)],
  ]);
  step.require(e.previousRound !== undefined || e.round.round === 0, 'only the first round has none before it');
  const before = e.previousRound ? fromHex(e.previousRound.seed) : e.epochSeed;
  const made = (p: (typeof step.implementations)[number]) =>
    p.roundSeed(domain, e.epochSeed, before, BigInt(e.round.height), e.roundTimeNs);
  step.compute('seed', made, toHex, toHex(e.roundSeed));
  if (e.headerTimeNs !== undefined) step.require(e.headerTimeNs === e.roundTimeNs, "the block's header has another time");
  return step.step();
}
