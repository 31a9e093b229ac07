// What a result costs, by the settings it was asked under (contracts/gateway, docs/contract.md). Pure.

import type { Config, Request, Result } from '../chain/types';

/** Who is paid for a result and how much, in the smallest coins. */
export interface Payment {
  to: { node: number; seats: number } | { publisher: string } | 'owner';
  amount: bigint;
}

/** The payments for a result; `undefined` where the request was made under other settings than these. */
export function payments(request: Request, result: Result, config: Config | undefined): Payment[] | undefined {
  if (!config || config.settings_version !== request.settings_version) return undefined;
  const settings = config.settings as Record<string, unknown>;
  const seat = BigInt(String(settings.seat_price));
  const rows: Payment[] = result.agreed.map(({ node, seats }) => ({ to: { node, seats }, amount: seat * BigInt(seats) }));
  rows.push({ to: { publisher: result.publisher }, amount: BigInt(String(settings.relay_price)) });
  if (BigInt(request.policy.price) > 0n) rows.push({ to: 'owner', amount: BigInt(request.policy.price) });
  return rows;
}

/** What a result cost together; `undefined` where the request was made under other settings than these. */
export function paid(request: Request, result: Result, config: Config | undefined): bigint | undefined {
  return payments(request, result, config)?.reduce((sum, row) => sum + row.amount, 0n);
}
