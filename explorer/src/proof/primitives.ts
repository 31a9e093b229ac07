// The operations that verification is made of, implemented twice: in TypeScript (`independent.ts`) and by the protocol's
// Rust package compiled to wasm (`wasm.ts`). Every step of `verify` runs both.

import type { Rule } from '../chain/types';
import type { Aggregate } from './aggregate';
import type { Outcome } from './domain';
import type { Vote } from './decimal';
import type { Domain } from './vrf';

export interface Primitives {
  /** Names the implementation for people. */
  readonly name: string;
  sha256(bytes: Uint8Array): Uint8Array;
  hash(tag: string, fields: Uint8Array[]): Uint8Array;
  outcome(domain: Domain, outcome: Outcome): Uint8Array;
  commit(domain: Domain, request: bigint, key: Uint8Array, outcome: Uint8Array, salt: Uint8Array): Uint8Array;
  genesisSeed(domain: Domain, height: bigint, timeNs: bigint): Uint8Array;
  roundSeed(domain: Domain, epochSeed: Uint8Array, previous: Uint8Array, height: bigint, timeNs: bigint): Uint8Array;
  epochSeed(domain: Domain, previous: Uint8Array, lowest?: Uint8Array): Uint8Array;
  /** The seed of a beacon draw, from its round's seed and the outputs of the lowest tickets, in ascending order of their values. */
  beaconSeed(domain: Domain, roundSeed: Uint8Array, outputs: Uint8Array[]): Uint8Array;
  /** What tickets are compared by; empty without units. */
  ticketValue(output: Uint8Array, units: number): Uint8Array;
  /** Seats that an output wins at an attempt. */
  seats(committee: number, attempt: number, totalUnits: bigint, output: Uint8Array, units: number): number;
  quorumSeats(quorumBps: number, committee: number, attempt: number, totalUnits: bigint): number;
  /** The fault of a VRF proof, or an empty text where it holds. */
  proof(domain: Domain, seed: Uint8Array, request: bigint, key: Uint8Array, proof: Uint8Array, commit: Uint8Array): string;
  /** The fault of a ticket, of an epoch's beacon or under a round's seed, or an empty text where it holds. */
  ticket(domain: Domain, seed: Uint8Array, key: Uint8Array, ticket: Uint8Array): string;
  /** What values come to under a rule that compares them; absent where they come to nothing. */
  aggregate(rule: Rule, votes: Vote[]): Aggregate | undefined;
}
