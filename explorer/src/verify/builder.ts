// A step of a verification in the making: what it computes with every implementation, and what it requires.

import type { Primitives } from '../proof/primitives';

export type Verdict = 'holds' | 'fails' | 'unknown';

/** A value that was computed twice and what it must be. */
export interface Check {
  label: string;
  /** What stands on the chain or in the publication; absent where only the two have to agree. */
  expected?: string;
  /** What each implementation finds, in the order they were given. */
  found: string[];
}

/** A step of the verification. */
export interface Step {
  id: string;
  title: string;
  /** What the step proves, in a sentence. */
  meaning: string;
  verdict: Verdict;
  /** Why it fails or is not known. */
  reason?: string;
  inputs: [label: string, value: string][];
  checks: Check[];
}

/** Gathers a step's checks; the first fault counts, before anything that is not known. */
export class Builder {
  readonly checks: Check[] = [];
  private fault?: string;
  private missing?: string;

  constructor(
    readonly implementations: Primitives[],
    readonly id: string,
    readonly title: string,
    readonly meaning: string,
    readonly inputs: [string, string][] = [],
  ) {}

  /** Computes a value with every implementation; a throw counts as what was found. */
  compute<T>(label: string, work: (p: Primitives) => T, show: (value: T) => string, expected?: string): T | undefined {
    let value: T | undefined;
    const found = this.implementations.map((p) => {
      try {
        value = work(p);
        return show(value);
      } catch (error) {
        return `error: ${(error as Error).message}`;
      }
    });
    this.checks.push({ label, expected, found });
    if (found.some((text) => text !== (expected ?? found[0]))) this.fail(`${label}: ${mismatch(found, expected)}`);
    else if (found[0].startsWith('error: ')) this.fail(`${label}: ${found[0]}`);
    return value;
  }

  /** States a comparison that needs no cryptography. */
  require(holds: boolean, reason: string) {
    if (!holds) this.fail(reason);
  }

  unknown(reason: string) {
    this.missing ??= reason;
  }

  private fail(reason: string) {
    this.fault ??= reason;
  }

  step(): Step {
    const { id, title, meaning, inputs, checks } = this;
    const verdict = this.fault ? 'fails' : this.missing ? 'unknown' : 'holds';
    return { id, title, meaning, verdict, reason: this.fault ?? this.missing, inputs, checks };
  }
}

function mismatch(found: string[], expected?: string): string {
  if (expected === undefined) return 'the two implementations differ';
  const other = found.find((text) => text !== expected)!;
  // A fault says more than that it is none.
  return expected === '' || expected === 'holds' ? other : 'not what stands on the chain';
}

/** Begins a step for the implementations of a verification. */
export type Begin = (name: string, title: string, meaning: string, inputs?: [string, string][]) => Builder;
