const { Duration, Instant, PlainDate, PlainDateTime, PlainMonthDay, PlainTime, PlainYearMonth } = Temporal;
export default () => ({
  endOfMonth: `${PlainDate.from('2026-01-31').add({ months: 1 })}`,
  rejected: (() => { try { return `${PlainDate.from({ year: 2026, month: 2, day: 30 }, { overflow: 'reject' })}`; } catch (error) { return error.name; } })(),
  until: `${PlainDate.from('2024-02-29').until('2026-11-30', { largestUnit: 'years' })}`,
  rounded: `${Duration.from({ minutes: 130 }).round({ largestUnit: 'hours', smallestUnit: 'hours', roundingMode: 'halfExpand' })}`,
  total: Duration.from({ hours: 25, nanoseconds: 1 }).total({ unit: 'days', relativeTo: '2026-01-01' }),
  nanoseconds: Instant.from('2026-11-30T00:00:00.123456789Z').epochNanoseconds.toString(),
  limits: [`${Instant.fromEpochNanoseconds(8640000000000000000000n)}`, (() => { try { return `${Instant.fromEpochNanoseconds(8640000000000000000001n)}`; } catch (error) { return error.name; } })()],
  parts: [`${PlainDateTime.from('2026-11-30T12:34:56.789').round('minute')}`, `${PlainTime.from('23:59').add({ minutes: 2 })}`, `${PlainMonthDay.from('--02-29').toPlainDate({ year: 2026 })}`, PlainYearMonth.from('2026-02').daysInMonth],
  order: ['2026-02-01', '2025-12-31', '2026-01-15'].map((text) => PlainDate.from(text)).sort(PlainDate.compare).map(String),
  json: JSON.stringify({ at: PlainDate.from('2026-11-30') }),
  noValue: (() => { try { return PlainDate.from('2026-01-01') < PlainDate.from('2026-01-02'); } catch (error) { return error.name; } })(),
});
