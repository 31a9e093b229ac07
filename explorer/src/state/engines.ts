// How the contract's engine plan is written for people. Pure; the rule of readiness is that of packages/protocol/src/engine.rs.

import type { Engines } from '../chain/types';
import { count } from './format';

const BPS = 10_000;

/** Whether an engine that is announced begins with its epoch. */
export interface Readiness {
  enough: boolean;
  /** `3 of 5 units (60 %) are ready, 80 % needed`. */
  words: string;
}

/** Units out of all, with their share. */
const share = (units: number, total: number): string =>
  `${count(units)} of ${count(total)} units${total > 0 ? ` (${Math.floor((100 * units) / total)} %)` : ''}`;

/** How much stake can run the engine that counts now. */
export const able = (plan: Engines): string => `${share(plan.able_units, plan.total_units)} can run it`;

/** How ready the nodes are for the engine that is announced; absent where none is. */
export function readiness(plan: Engines): Readiness | undefined {
  if (plan.next_engine === null || plan.from_epoch === null) return undefined;
  const least = plan.min_ready_bps ?? 0;
  const enough = BigInt(plan.ready_units) * BigInt(BPS) >= BigInt(plan.total_units) * BigInt(least);
  return { enough, words: `${share(plan.ready_units, plan.total_units)} are ready, ${least / 100} % needed` };
}
