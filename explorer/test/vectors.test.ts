// Runs an implementation of the primitives over the repository's golden vectors, and refuses what differs by one bit.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fromHex, toHex, utf8 } from '../src/proof/bytes';
import { beaconCommit, runSeed } from '../src/proof/domain';
import { independent } from '../src/proof/independent';
import type { Primitives } from '../src/proof/primitives';
import { ticketValue } from '../src/proof/seats';
import { checkPossession } from '../src/proof/vrf';
import { loadWasm } from '../src/proof/wasm';

const file = new URL('../../tests/vectors/proof.json', import.meta.url);
// The text is read twice: numbers above 2^53 (block times) keep their digits only as text.
const text = readFileSync(file, 'utf8').replace(/"(time_ns)": (\d+)/g, '"$1": "$2"');
const vectors = JSON.parse(text);
const domain = { chainId: vectors.chain_id, contract: vectors.contract };
const wasm = await loadWasm(readFileSync(new URL('../public/verifier.wasm', import.meta.url)));

for (const p of [independent, wasm] as Primitives[]) {
  test(`${p.name}: hashes`, () => {
    assert.ok(vectors.hashes.length > 0);
    for (const row of vectors.hashes) assert.equal(toHex(p.hash(row.tag, row.fields.map(utf8))), row.hash);
  });

  test(`${p.name}: preimages`, () => {
    const { request, outcome: o, commit, seeds, contents } = vectors.preimages;
    const outcome = p.outcome(domain, {
      request: BigInt(request),
      code: fromHex(o.code),
      input: fromHex(o.input),
      engine: fromHex(o.engine),
      class: o.class,
      bodySha256: fromHex(o.body_sha256),
      bodySize: o.body_size,
    });
    assert.equal(toHex(outcome), o.hash);
    assert.equal(toHex(p.commit(domain, BigInt(request), fromHex(commit.key), outcome, fromHex(commit.salt))), commit.hash);
    const { genesis, round, epoch, epoch_without_ticket: none } = seeds;
    assert.equal(toHex(p.genesisSeed(domain, BigInt(genesis.height), BigInt(genesis.time_ns))), genesis.seed);
    const made = p.roundSeed(domain, fromHex(round.epoch_seed), fromHex(round.previous), BigInt(round.height), BigInt(round.time_ns));
    assert.equal(toHex(made), round.seed);
    assert.equal(toHex(p.epochSeed(domain, fromHex(epoch.previous), fromHex(epoch.lowest))), epoch.seed);
    assert.equal(toHex(p.epochSeed(domain, fromHex(none.previous))), none.seed);
    for (const { text, sha256 } of Object.values<any>(contents)) assert.equal(toHex(p.sha256(utf8(text))), sha256);
  });

  test(`${p.name}: seats and quorum`, () => {
    for (const row of vectors.seats) {
      const total = BigInt(row.total_units);
      assert.equal(p.quorumSeats(row.quorum_bps, row.committee, row.attempt, total), row.quorum_seats);
      for (const draw of row.draws)
        assert.equal(p.seats(row.committee, row.attempt, total, fromHex(draw.output), draw.units), draw.seats);
    }
  });

  test(`${p.name}: proofs hold, and no longer after one bit is flipped`, () => {
    assert.ok(vectors.proofs.length >= 5);
    const check = (row: any, proof: Uint8Array, commit = fromHex(row.commit)) =>
      p.proof(domain, fromHex(row.seed), BigInt(row.request), fromHex(row.key), proof, commit);
    for (const row of vectors.proofs) {
      const proof = fromHex(row.attestation);
      assert.equal(check(row, proof), '');
      // Output, R, Hr and s; the salt only opens the commitment.
      for (const at of [0, 40, 64, 96, 127]) {
        const bad = Uint8Array.from(proof);
        bad[at] ^= 1;
        assert.notEqual(check(row, bad), '', `byte ${at}`);
      }
      const commit = fromHex(row.commit);
      commit[31] ^= 1;
      assert.notEqual(check(row, proof, commit), '');
    }
  });

  test(`${p.name}: beacon tickets`, () => {
    for (const row of vectors.beacon) {
      const ticket = fromHex(row.ticket);
      assert.equal(p.ticket(domain, fromHex(row.seed), fromHex(row.key), ticket), '');
      ticket[1] ^= 4;
      assert.notEqual(p.ticket(domain, fromHex(row.seed), fromHex(row.key), ticket), '');
    }
  });

  test(`${p.name}: beacon draws, whose tickets hold under the round's seed alone`, () => {
    assert.ok(vectors.beacon_draws.length >= 3);
    for (const draw of vectors.beacon_draws) {
      const round = fromHex(draw.round_seed);
      let last = '';
      for (const row of draw.tickets) {
        const ticket = fromHex(row.ticket);
        assert.equal(p.ticket(domain, round, fromHex(row.key), ticket), '');
        assert.notEqual(p.ticket(domain, fromHex(draw.seed), fromHex(row.key), ticket), '');
        for (const at of [0, 40, 64, 96]) {
          const bad = Uint8Array.from(ticket);
          bad[at] ^= 1;
          assert.notEqual(p.ticket(domain, round, fromHex(row.key), bad), '', `byte ${at}`);
        }
        assert.equal(toHex(p.ticketValue(fromHex(row.output), row.units)), row.value);
        assert.ok(row.value > last, 'in ascending order');
        last = row.value;
      }
      const outputs = draw.tickets.map((row: { output: string }) => fromHex(row.output));
      assert.equal(toHex(p.beaconSeed(domain, round, outputs)), draw.seed);
      if (outputs.length > 1) assert.notEqual(toHex(p.beaconSeed(domain, round, outputs.toReversed())), draw.seed);
    }
    assert.equal(p.ticketValue(fromHex(vectors.beacon[0].output), 0).length, 0);
  });

  test(`${p.name}: what values come to`, () => {
    for (const row of vectors.medians) {
      const votes = row.votes.map(([value, seats]: [string, number]) => ({ value, seats }));
      const found = p.aggregate({ median: { tolerance_bps: row.tolerance_bps } }, votes);
      assert.deepEqual(found, { body: row.median, agrees: row.agree });
    }
    assert.ok(vectors.aggregates.length > 0);
    for (const row of vectors.aggregates) {
      const votes = row.votes.map(([value, seats]: [string, number]) => ({ value, seats }));
      const expected = row.body === null ? undefined : { body: row.body, agrees: row.agree };
      assert.deepEqual(p.aggregate(row.rule, votes), expected, JSON.stringify(row));
    }
  });
}

test('TypeScript: what only nodes and keepers compute', () => {
  const { request, seeds } = vectors.preimages;
  assert.equal(toHex(runSeed(domain, fromHex(seeds.run.round_seed), BigInt(request), fromHex(seeds.run.code))), seeds.run.seed);
  for (const row of vectors.beacon) {
    assert.equal(toHex(beaconCommit(fromHex(row.seed), fromHex(row.key))), row.commit);
    assert.equal(toHex(ticketValue(fromHex(row.output), row.units)!), row.value);
  }
  for (const row of vectors.possession) {
    const signature = fromHex(row.possession);
    assert.ok(checkPossession(domain, row.operator, fromHex(row.key), signature));
    assert.ok(!checkPossession(domain, `${row.operator}x`, fromHex(row.key), signature));
  }
});

test('both implementations answer alike where a proof is malformed', () => {
  const row = vectors.proofs[0];
  const args = [domain, fromHex(row.seed), BigInt(row.request), fromHex(row.key)] as const;
  const cases: [number, number][] = [[0, 0], [32, 0xff], [64, 0xff], [96, 0xff]];
  for (const [from, fill] of cases) {
    const proof = fromHex(row.attestation);
    proof.fill(fill, from, from + 32);
    const answers = [independent, wasm].map((p) => p.proof(...args, proof, fromHex(row.commit)));
    assert.notEqual(answers[0], '');
    assert.equal(answers[0], answers[1]);
  }
});
