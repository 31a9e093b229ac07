// What values come to under each aggregation rule, and which of them agree with that: written from the rules, not from the Rust.

import type { Rule } from '../chain/types';
import { toHex, utf8 } from './bytes';
import { agreesWith, parseDecimal, weightedMedian, type Vote } from './decimal';
import { sha256 } from './hash';

/** What values come to. */
export interface Aggregate {
  body: string;
  agrees: boolean[];
}

/** Aggregates values; absent where they come to nothing. Throws where one cannot be compared. */
export function aggregate(rule: Rule, votes: Vote[]): Aggregate | undefined {
  if ('median' in rule) return medians([''], [rule.median.tolerance_bps], votes.map(({ value, seats }) => ({ decimals: [value], seats })));
  if ('median_fields' in rule) return ofFields(rule.median_fields.fields, votes);
  if ('mode' in rule) return mode(votes);
  return undefined;
}

interface Row {
  decimals: string[];
  seats: number;
}

/** The median of each column between the texts around them. */
function medians(around: string[], tolerances: number[], rows: Row[]): Aggregate | undefined {
  let body = around[0];
  const agrees = rows.map(() => true);
  for (const [column, tolerance] of tolerances.entries()) {
    const median = weightedMedian(rows.map(({ decimals, seats }) => ({ value: decimals[column], seats })));
    if (median === undefined) return undefined;
    rows.forEach(({ decimals }, row) => (agrees[row] &&= agreesWith(decimals[column], median, tolerance)));
    body += median + (around[column + 1] ?? '');
  }
  return { body, agrees };
}

function ofFields(fields: { path: string; tolerance_bps: number }[], votes: Vote[]): Aggregate | undefined {
  const apart = votes.map(({ value, seats }) => {
    const places = spans(value);
    const found = fields.map(({ path, tolerance_bps }) => {
      const span = places.get(path.split('/').slice(1).join(BETWEEN));
      if (!span) throw new Error(`there is no value at ${path}`);
      const quoted = value[span[0]] === '"' ? 1 : 0;
      return { start: span[0] + quoted, end: span[1] - quoted, tolerance_bps };
    });
    found.sort((a, b) => a.start - b.start);
    const decimals = found.map(({ start, end }) => value.slice(start, end));
    decimals.forEach(parseDecimal);
    const edges = [0, ...found.flatMap(({ start, end }) => [start, end]), value.length];
    const around = [];
    for (let i = 0; i < edges.length; i += 2) around.push(value.slice(edges[i], edges[i + 1]));
    return { around, decimals, seats, tolerances: found.map((field) => field.tolerance_bps) };
  });
  const [first] = apart;
  if (!first || apart.some(({ around }) => JSON.stringify(around) !== JSON.stringify(first.around))) return undefined;
  return medians(first.around, first.tolerances, apart);
}

function mode(votes: Vote[]): Aggregate | undefined {
  const seats = new Map<string, number>();
  for (const vote of votes) seats.set(vote.value, (seats.get(vote.value) ?? 0) + vote.seats);
  const digest = (body: string) => toHex(sha256(utf8(body)));
  const [best] = [...seats].sort(([a, most], [b, other]) => other - most || (digest(a) < digest(b) ? -1 : 1));
  if (!best || best[1] === 0) return undefined;
  return { body: best[0], agrees: votes.map(({ value }) => value === best[0]) };
}

/** Between the keys of a place: no key holds it, since canonical JSON escapes it. */
const BETWEEN = '\0';

/** Where each value of a canonical JSON text stands, by the keys that lead to it. Of equal keys the first counts. */
function spans(text: string): Map<string, [number, number]> {
  const found = new Map<string, [number, number]>();
  let at = 0;
  const fail = (): never => {
    throw new Error('the value is not canonical JSON');
  };
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [match] = pattern.exec(text) ?? fail();
    at += match.length;
    return match;
  };
  const inner = (keys: string[] | undefined, key: string) => {
    const known = keys && !found.has([...keys, key].join(BETWEEN));
    value(known ? [...keys, key] : undefined);
  };
  const value = (keys: string[] | undefined) => {
    const start = at;
    // Noted before its members, so that a second one of the name is none.
    if (keys) found.set(keys.join(BETWEEN), [start, start]);
    if (text[at] === '{') {
      do {
        at += 1;
        if (text[at] === '}') break;
        const key = take(/"(?:[^"\\]|\\.)*"/y).slice(1, -1);
        take(/:/y);
        inner(keys, key);
      } while (text[at] === ',');
      take(/\}/y);
    } else if (text[at] === '[') {
      let index = 0;
      do {
        at += 1;
        if (text[at] === ']') break;
        inner(keys, String(index++));
      } while (text[at] === ',');
      take(/\]/y);
    } else take(/"(?:[^"\\]|\\.)*"|[^,\]}"[{]+/y);
    if (keys) found.set(keys.join(BETWEEN), [start, at]);
  };
  value([]);
  return found;
}
