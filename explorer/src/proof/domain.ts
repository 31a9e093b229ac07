// Preimages bound to a chain and a contract: outcomes, commitments, seeds.

import { bigEndian, utf8 } from './bytes';
import { hash } from './hash';
import type { Domain } from './vrf';

const bound = (domain: Domain, tag: string, fields: Uint8Array[]) =>
  hash(tag, [utf8(domain.chainId), utf8(domain.contract), ...fields]);

/** What an outcome's hash covers. */
export interface Outcome {
  request: bigint;
  code: Uint8Array;
  input: Uint8Array;
  engine: Uint8Array;
  class: string;
  bodySha256: Uint8Array;
  bodySize: number;
}

/** The hash of an outcome. */
export const outcomeHash = (domain: Domain, o: Outcome) =>
  bound(domain, 'gateway/outcome', [
    bigEndian(o.request, 8),
    o.code,
    o.input,
    o.engine,
    utf8(o.class),
    o.bodySha256,
    bigEndian(o.bodySize, 4),
  ]);

/** A node's commitment to an outcome. */
export const commitment = (domain: Domain, request: bigint, key: Uint8Array, outcome: Uint8Array, salt: Uint8Array) =>
  bound(domain, 'gateway/commit', [bigEndian(request, 8), key, outcome, salt]);

/** The seed of epoch 0 and round 0. */
export const genesisSeed = (domain: Domain, height: bigint, timeNs: bigint) =>
  bound(domain, 'gateway/genesis', [bigEndian(height, 8), bigEndian(timeNs, 8)]);

/** The seed of a round. */
export const roundSeed = (domain: Domain, epochSeed: Uint8Array, previous: Uint8Array, height: bigint, timeNs: bigint) =>
  bound(domain, 'gateway/round', [epochSeed, previous, bigEndian(height, 8), bigEndian(timeNs, 8)]);

/** The seed of an epoch from the one before it and the output of the lowest ticket, where there was one. */
export const epochSeed = (domain: Domain, previous: Uint8Array, lowest?: Uint8Array) =>
  lowest
    ? bound(domain, 'gateway/epoch', [previous, lowest])
    : bound(domain, 'gateway/epoch/none', [previous]);

/** The seed of a beacon draw, from its round's seed and the outputs of the lowest tickets. */
export const beaconSeed = (domain: Domain, round: Uint8Array, outputs: Uint8Array[]) =>
  bound(domain, 'gateway/beacon-draw', [round, ...outputs]);

/** What seeds a run's randomness. */
export const runSeed = (domain: Domain, roundSeed: Uint8Array, request: bigint, code: Uint8Array) =>
  bound(domain, 'gateway/run', [roundSeed, bigEndian(request, 8), code]);

/** What a beacon ticket's proof signs. */
export const beaconCommit = (seed: Uint8Array, key: Uint8Array) => hash('gateway/beacon', [seed, key]);
