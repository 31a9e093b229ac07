// Decimals in their one canonical text and the seat-weighted median of them, in exact integers.

/** Aligns any two decimals of at most 64 bytes. */
const SCALE = 64;

/** A decimal as a multiple of 10^-64. Throws where the text is not the canonical form. */
export function parseDecimal(text: string): bigint {
  if (text.length < 1 || text.length > 64) throw new Error('a decimal takes 1 to 64 bytes');
  const match = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]*[1-9]))?$/.exec(text);
  if (!match || text === '-0') throw new Error(`not a canonical decimal: ${text}`);
  const [, sign, whole, fraction = ''] = match;
  const magnitude = BigInt(whole + fraction) * 10n ** BigInt(SCALE - fraction.length);
  return sign ? -magnitude : magnitude;
}

/** A value and the seats behind it. */
export interface Vote {
  value: string;
  seats: number;
}

/** The lowest value at or below which stand at least half of all seats; absent where there are none. */
export function weightedMedian(votes: Vote[]): string | undefined {
  const seated = votes.filter((vote) => vote.seats > 0).map((vote) => ({ ...vote, number: parseDecimal(vote.value) }));
  seated.sort((a, b) => (a.number < b.number ? -1 : a.number > b.number ? 1 : 0));
  const total = seated.reduce((sum, vote) => sum + vote.seats, 0);
  let below = 0;
  for (const vote of seated) {
    below += vote.seats;
    if (below >= Math.ceil(total / 2)) return vote.value;
  }
  return undefined;
}

const abs = (value: bigint) => (value < 0n ? -value : value);

/** Whether a value is within `toleranceBps` basis points of the median's magnitude. */
export function agreesWith(value: string, median: string, toleranceBps: number): boolean {
  const centre = parseDecimal(median);
  return abs(parseDecimal(value) - centre) * 10_000n <= abs(centre) * BigInt(toleranceBps);
}
