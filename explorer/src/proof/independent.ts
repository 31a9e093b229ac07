// The independent implementation: TypeScript over noble's curve and hashes, sharing nothing with the Rust package.

import { aggregate } from './aggregate';
import * as domain from './domain';
import { hash, sha256 } from './hash';
import type { Primitives } from './primitives';
import { quorumSeats, seats, threshold, ticketValue } from './seats';
import { checkProof, proofParts, type ProofFault } from './vrf';

/** What each fault is called, in the words of the Rust package. */
export const FAULTS: Record<ProofFault, string> = {
  key: 'the key is not a canonical point other than the identity',
  output: 'the output is not a canonical point other than the identity',
  nonce: "the proof's R or Hr is not a canonical point",
  scalar: "the proof's s is not a canonical scalar",
  equation: 'the proof does not hold for this key, draw and commitment',
};

const faultOf = (fault?: ProofFault) => (fault ? FAULTS[fault] : '');

export const independent: Primitives = {
  name: 'TypeScript',
  sha256,
  hash,
  outcome: domain.outcomeHash,
  commit: domain.commitment,
  genesisSeed: domain.genesisSeed,
  roundSeed: domain.roundSeed,
  epochSeed: domain.epochSeed,
  beaconSeed: domain.beaconSeed,
  ticketValue: (output, units) => ticketValue(output, units) ?? new Uint8Array(),
  seats: (committee, attempt, totalUnits, output, units) =>
    seats(output, units, threshold(committee, attempt, totalUnits)),
  quorumSeats,
  proof: (of, seed, request, key, proof, commit) =>
    faultOf(checkProof(of, seed, request, key, proofParts(proof), commit).fault),
  ticket: (of, seed, key, ticket) =>
    faultOf(checkProof(of, seed, 0n, key, proofParts(ticket), domain.beaconCommit(seed, key)).fault),
  aggregate,
};
