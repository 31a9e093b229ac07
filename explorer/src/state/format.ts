// How values are written for people. Pure.

/** Coins of 10^18 smallest units for denoms that begin with `a`, others as they are. */
export function coins(amount: string | bigint, denom: string): string {
  const value = BigInt(amount);
  if (!denom.startsWith('a')) return `${value.toLocaleString('en')} ${denom}`;
  const unit = 10n ** 18n;
  const whole = value / unit;
  const fraction = (value % unit).toString().padStart(18, '0').slice(0, 6).replace(/0+$/, '');
  const tiny = whole === 0n && fraction === '' && value > 0n;
  return tiny ? `< 0.000001 ${denom.slice(1).toUpperCase()}` : `${whole.toLocaleString('en')}${fraction && `.${fraction}`} ${denom.slice(1).toUpperCase()}`;
}

/** The beginning and end of a long hexadecimal or bech32 text. */
export const short = (text: string, head = 8, tail = 4): string =>
  text.length <= head + tail + 1 ? text : `${text.slice(0, head)}…${text.slice(-tail)}`;

/** A number with thousands apart. */
export const count = (value: number): string => value.toLocaleString('en');

/** Seconds in a fitting unit. */
export function seconds(value: number): string {
  if (value < 10) return `${value.toFixed(1)} s`;
  if (value < 120) return `${Math.round(value)} s`;
  if (value < 7200) return `${Math.round(value / 60)} min`;
  return `${Math.round(value / 3600)} h`;
}

/** A share in percent. */
export const percent = (share: number, digits = 1): string => `${(100 * share).toFixed(digits)} %`;

/** A probability, also where it is tiny. */
export function probability(value: number): string {
  if (value >= 0.9999995) return '> 99.9999 %';
  if (value >= 0.001) return `${(100 * value).toPrecision(value > 0.99 ? 6 : 3)} %`;
  return value < 1e-15 ? '< 10⁻¹⁵' : value.toExponential(1).replace('e-', ' × 10^−');
}

/** A time of the chain in the reader's own clock. */
export const clock = (time: string): string =>
  new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** The value at a quantile of sorted or unsorted numbers; 0 of none. */
export function quantile(values: number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)] ?? 0;
}
