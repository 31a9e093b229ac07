/* gateway-manifest {"hosts": ["archive-api.open-meteo.com"]} */

// The weather of a past day at a place, for an insurance that pays by it.

interface Input {
  latitude: number;
  longitude: number;
  /** The day in UTC, such as 2026-01-01. */
  day: string;
}

interface Weather {
  day: string;
  /** Highest temperature, degrees Celsius. */
  temperature_max: string;
  /** Rain and snow, millimetres. */
  precipitation: string;
}

// The service says how long it took, which differs from node to node: only what is needed is kept.
export function transform(response: GatewayTransformed): GatewayTransform {
  if (response.status !== 200) return { headers: {}, body: '' };
  return { headers: {}, body: { daily: response.json().daily } };
}

export default async function ({ latitude, longitude, day }: Input): Promise<Weather> {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new TypeError('day takes a date such as 2026-01-01');
  const query = new URLSearchParams({
    latitude: latitude.toFixed(4), longitude: longitude.toFixed(4), start_date: day, end_date: day,
    daily: 'temperature_2m_max,precipitation_sum', timezone: 'UTC',
  });
  const { daily } = await gateway.fetchJson(`https://archive-api.open-meteo.com/v1/archive?${query}`);
  const [temperature, rain] = [daily.temperature_2m_max[0], daily.precipitation_sum[0]];
  if (temperature === null || rain === null) throw new Error(`the weather of ${day} is not known yet`);
  return { day, temperature_max: new gateway.Decimal(temperature).toFixed(1), precipitation: new gateway.Decimal(rain).toFixed(1) };
}
