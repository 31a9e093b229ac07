// Dice. The numbers come from the request's seed, which nobody knows when the request is made and which is the same on every
// node; so the result is exact and needs no network.

interface Input {
  /** Number of dice, 1 to 100. */
  count: number;
  /** Sides of each, 2 to 1000000. */
  sides: number;
}

/** A whole number from 0 to below `bound`, each as likely: numbers that would favour some are thrown away. */
function below(bound: number): number {
  const limit = 2 ** 32 - (2 ** 32 % bound);
  const [draw] = [new Uint32Array(1)];
  do crypto.getRandomValues(draw); while (draw[0]! >= limit);
  return draw[0]! % bound;
}

export default function ({ count, sides }: Input): number[] {
  if (!(Number.isInteger(count) && count >= 1 && count <= 100)) throw new RangeError('count takes 1 to 100');
  if (!(Number.isInteger(sides) && sides >= 2 && sides <= 1_000_000)) throw new RangeError('sides takes 2 to 1000000');
  return Array.from({ length: count }, () => below(sides) + 1);
}
