// The seeds of the first epoch and the first round: they follow from the contract's first block, and from no other.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromHex } from '../src/proof/bytes';
import { independent } from '../src/proof/independent';
import { loadWasm } from '../src/proof/wasm';
import { Builder } from '../src/verify/builder';
import type { Evidence } from '../src/verify/evidence';
import { epochSeed, roundSeed } from '../src/verify/seeds';

const vectors = readFileSync(new URL('../../tests/vectors/proof.json', import.meta.url), 'utf8');
const { chain_id: chainId, contract, preimages } = JSON.parse(vectors.replace(/"(time_ns)": (\d+)/g, '"$1": "$2"'));
const wasm = await loadWasm(readFileSync(new URL('../public/verifier.wasm', import.meta.url)));
const { height, time_ns, seed } = preimages.seeds.genesis;
const begin = (...step: [string, string, string, [string, string][]?]) => new Builder([independent, wasm], ...step);

function first(change: Partial<Evidence> = {}): Evidence {
  const timeNs = BigInt(time_ns);
  const epochSeed = fromHex(seed);
  const roundSeed = independent.roundSeed({ chainId, contract }, epochSeed, epochSeed, BigInt(height), timeNs);
  const found = {
    chainId,
    contract,
    epoch: { epoch: 0, quality: 'low', total_units: 0 },
    epochSeed,
    genesis: { height, timeNs },
    round: { round: 0, height },
    roundSeed,
    roundTimeNs: timeNs,
  };
  return { ...found, ...change } as unknown as Evidence;
}

test("they follow from the contract's first block", () => {
  assert.equal(epochSeed(first(), begin).verdict, 'holds');
  assert.equal(roundSeed(first(), begin).verdict, 'holds');
});

test('another block makes other seeds', () => {
  const genesis = { height: height + 1, timeNs: BigInt(time_ns) };
  assert.equal(epochSeed(first({ genesis }), begin).verdict, 'fails');
  assert.equal(roundSeed(first({ roundTimeNs: BigInt(time_ns) + 1n }), begin).verdict, 'fails');
});

test('without the block the seed is not known', () => {
  assert.equal(epochSeed(first({ genesis: undefined }), begin).verdict, 'unknown');
});

test('an epoch or a round that is not the first has one before it', () => {
  const epoch = { epoch: 7, quality: 'low', total_units: 0 } as Evidence['epoch'];
  assert.equal(epochSeed(first({ epoch }), begin).verdict, 'fails');
  const round = { round: 7, height } as Evidence['round'];
  assert.equal(roundSeed(first({ round }), begin).verdict, 'fails');
});
