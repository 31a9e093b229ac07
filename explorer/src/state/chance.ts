// Probabilities of a draw: every unit wins a seat with the same chance, independently (docs/draws.md).

import { ATTEMPTS } from '../proof/seats';

/** The chance that at least `k` of `n` independent draws of chance `p` win. */
export function atLeast(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  if (p >= 1) return 1;
  let term = n * Math.log1p(-p);
  let below = 0;
  const ratio = Math.log(p) - Math.log1p(-p);
  const tail: number[] = [];
  for (let i = 0; i <= n; i++) {
    if (i < k) below += Math.exp(term);
    else tail.push(Math.exp(term));
    term += Math.log(n - i) - Math.log(i + 1) + ratio;
  }
  // The smaller side is summed: the other would lose it in rounding.
  const above = tail.reverse().reduce((sum, x) => sum + x, 0);
  return Math.min(1, below < 0.5 ? Math.max(above, 1 - below) : above);
}

/** The chance that holders of `units` units out of `total` win the quorum at an attempt. */
export function quorumChance(committee: number, quorumBps: number, attempt: number, units: number, total: number): number {
  const expected = Math.min(committee * 2 ** Math.min(attempt, ATTEMPTS - 1), total);
  return total === 0 ? 0 : atLeast(Math.ceil((expected * quorumBps) / 10_000), units, expected / total);
}

/** The chance over all attempts, taken as independent: an upper bound, since attempts share their tickets. */
export function everChance(committee: number, quorumBps: number, units: number, total: number): number {
  let never = 1;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) never *= 1 - quorumChance(committee, quorumBps, attempt, units, total);
  return 1 - never;
}
