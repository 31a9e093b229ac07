/* gateway-manifest {"hosts": ["aeroapi.flightaware.com"]} */

// How late a flight arrived, for an insurance that pays by it. A flight that has not landed is an agreed error.

interface Input {
  /** Designator, such as DLH400. */
  flight: string;
  /** Day of departure in UTC, such as 2026-01-01. */
  day: string;
}

interface Arrival {
  flight: string;
  day: string;
  cancelled: boolean;
  /** Whole minutes after schedule; negative where early, 0 where cancelled. */
  delay_minutes: number;
}

const DAY_MS = 86_400_000;

export function transform(response: GatewayTransformed): GatewayTransform {
  if (response.status !== 200) return { headers: {}, body: '' };
  const flights = response.json().flights.map(
    ({ ident, cancelled, scheduled_in, actual_in }: Record<string, unknown>) => ({ ident, cancelled, scheduled_in, actual_in }));
  return { headers: {}, body: { flights } };
}

export default async function ({ flight, day }: Input): Promise<Arrival> {
  if (!/^[A-Z0-9]{3,8}$/.test(flight)) throw new TypeError('flight takes a designator such as DLH400');
  const start = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(start)) throw new TypeError('day takes a date such as 2026-01-01');
  const end = new Date(start + DAY_MS).toISOString().slice(0, 10);
  const { flights } = await gateway.fetchJson(
    `https://aeroapi.flightaware.com/aeroapi/flights/${flight}?start=${day}&end=${end}`,
    { headers: { 'x-apikey': '{{secret:FLIGHTAWARE}}' } });
  if (flights.length !== 1) throw new Error(`${flights.length} flights ${flight} on ${day}`);
  const [{ cancelled, scheduled_in, actual_in }] = flights;
  if (cancelled) return { flight, day, cancelled, delay_minutes: 0 };
  if (actual_in === null) throw new Error(`${flight} has not landed`);
  return { flight, day, cancelled, delay_minutes: Math.floor((Date.parse(actual_in) - Date.parse(scheduled_in)) / 60_000) };
}
