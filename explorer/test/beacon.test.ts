// The step that verifies a beacon draw's seed: it holds for the tickets of the vectors, and for nothing else.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromHex } from '../src/proof/bytes';
import { independent } from '../src/proof/independent';
import { loadWasm } from '../src/proof/wasm';
import { beaconDraw } from '../src/verify/beacon';
import { Builder } from '../src/verify/builder';
import type { Evidence, RoundTicket, Seatholder } from '../src/verify/evidence';

const vectors = JSON.parse(readFileSync(new URL('../../tests/vectors/proof.json', import.meta.url), 'utf8'));
const wasm = await loadWasm(readFileSync(new URL('../public/verifier.wasm', import.meta.url)));
const draw = vectors.beacon_draws.at(-1);
const HEIGHT = 100;

/** The evidence of the vectors' draw, as far as the step reads it: the n-th lowest ticket is node n's. */
function evidence(): Evidence {
  const rows: any[] = draw.tickets;
  const holders = rows.map((row, i): [number, Seatholder] => [
    i + 1,
    { node: i + 1, moniker: '', operator: `operator ${i + 1}`, key: fromHex(row.key), units: row.units },
  ]);
  const lowest = rows.map((row, i) => ({ node: i + 1, output: row.output, value: row.value }));
  const beacon = { lowest, needed: rows.length, drawn_from: HEIGHT + 3, fallback: false };
  return {
    chainId: vectors.chain_id,
    contract: vectors.contract,
    request: { draw: { seed: draw.seed } },
    round: { height: HEIGHT, beacon },
    roundSeed: fromHex(draw.round_seed),
    epoch: { operators: 9 },
    ticketHolders: new Map(holders),
    roundTickets: rows.map((row, i): RoundTicket => ({ node: i + 1, bytes: fromHex(row.ticket), height: HEIGHT + 2 })),
  } as unknown as Evidence;
}

function verdict(e: Evidence) {
  const step = beaconDraw(e, (...args) => new Builder([independent, wasm], ...args));
  return { verdict: step.verdict, reason: step.reason ?? '' };
}

test('the tickets of the vectors make the seed', () => {
  assert.deepEqual(verdict(evidence()), { verdict: 'holds', reason: '' });
});

test('a flipped bit of any part of a ticket is noticed', () => {
  for (const at of [0, 40, 64, 96]) {
    const e = evidence();
    e.roundTickets![3].bytes[at] ^= 1;
    assert.equal(verdict(e).verdict, 'fails', `byte ${at}`);
  }
});

test('what the contract must not have done is noticed', () => {
  const beacon = (change: (b: NonNullable<Evidence['round']['beacon']>) => void) => {
    const e = evidence();
    change(e.round.beacon!);
    return verdict(e);
  };
  const cases: [string, ReturnType<typeof verdict>, RegExp][] = [
    ['another order', beacon((b) => b.lowest.reverse()), /ascend|lowest tickets/],
    ['one left out', beacon((b) => b.lowest.pop()), /the lowest tickets are of nodes/],
    ['too early', beacon((b) => (b.drawn_from = HEIGHT + 1)), /stands from block 103/],
    ['fewer needed', beacon((b) => (b.needed = 3)), /7 tickets are needed/],
    ['too few, and it says enough', beacon((b) => (b.fallback = true)), /block 110|too few/],
  ];
  for (const [name, found, reason] of cases) {
    assert.equal(found.verdict, 'fails', name);
    assert.match(found.reason, reason, name);
  }
  const seed = evidence();
  seed.request.draw!.seed = '00'.repeat(32);
  assert.match(verdict(seed).reason, /^seed: /);
  const twice = evidence();
  twice.ticketHolders.get(2)!.operator = 'operator 1';
  assert.equal(verdict(twice).verdict, 'fails', 'two tickets of one operator');
});

test('who brings nonsense that the contract does not look at turns nothing red', () => {
  const e = evidence();
  e.ticketHolders.set(8, { ...e.ticketHolders.get(1)!, node: 8, operator: 'operator 8' });
  e.roundTickets!.push({ node: 8, bytes: new Uint8Array(160).fill(7), height: HEIGHT + 2 });
  assert.equal(verdict(e).verdict, 'holds');
});

test('without the blocks nothing is claimed', () => {
  const e = evidence();
  e.roundTickets = undefined;
  assert.equal(verdict(e).verdict, 'unknown');
  const inside = evidence();
  inside.roundTickets!.shift();
  assert.equal(verdict(inside).verdict, 'unknown');
});
