// Seats of an output and the quorum of a committee, in exact integers.

import { bigEndian, readBigEndian } from './bytes';
import { hash } from './hash';

/** Attempts of one draw; later ones count as the last. */
export const ATTEMPTS = 3;
/** Most units one node draws with. */
export const MAX_UNITS = 64;
/** 2^128: every ticket is below it. */
export const ALL = 1n << 128n;

/** Expected committee of an attempt in seats: `min(τ·2^a, U)`. */
export function expectedSeats(committee: number, attempt: number, totalUnits: bigint): bigint {
  const expected = BigInt(committee) << BigInt(Math.min(attempt, ATTEMPTS - 1));
  return expected < totalUnits ? expected : totalUnits;
}

/** The bound below which a ticket wins: `floor(2^128 · min(τ·2^a, U) / U)`; 0 without any units. */
export function threshold(committee: number, attempt: number, totalUnits: bigint): bigint {
  return totalUnits === 0n ? 0n : (ALL * expectedSeats(committee, attempt, totalUnits)) / totalUnits;
}

/** The tickets of an output, one per unit: the first 128 bits of `hash("gateway/seat", [output, unit])`. */
export function tickets(output: Uint8Array, units: number): bigint[] {
  return Array.from({ length: Math.min(units, MAX_UNITS) }, (_, unit) =>
    readBigEndian(hash('gateway/seat', [output, bigEndian(unit, 4)]).slice(0, 16)),
  );
}

/** Seats an output wins. */
export function seats(output: Uint8Array, units: number, bound: bigint): number {
  return tickets(output, units).filter((ticket) => ticket < bound).length;
}

/** Seats that must agree: `ceil(quorum_bps · min(τ·2^a, U) / 10000)`, capped where the contract's arithmetic is. */
export function quorumSeats(quorumBps: number, committee: number, attempt: number, totalUnits: bigint): number {
  const product = expectedSeats(committee, attempt, totalUnits) * BigInt(quorumBps);
  const largest = (1n << 64n) - 1n;
  const seats = ((product < largest ? product : largest) + 9999n) / 10000n;
  return Number(seats < 0xffffffffn ? seats : 0xffffffffn);
}

/** What beacon tickets are compared by: the lowest hash of the output with each unit; absent without units. */
export function ticketValue(output: Uint8Array, units: number): Uint8Array | undefined {
  let lowest: Uint8Array | undefined;
  for (let unit = 0; unit < Math.min(units, MAX_UNITS); unit++) {
    const value = hash('gateway/ticket', [output, bigEndian(unit, 4)]);
    if (!lowest || readBigEndian(value) < readBigEndian(lowest)) lowest = value;
  }
  return lowest;
}
