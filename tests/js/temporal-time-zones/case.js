// Zones come from the data that is linked with V8, not from the machine.
const at = (text) => Temporal.ZonedDateTime.from(text);
export default () => ({
  spring: `${at('2026-03-29T01:30[Europe/Berlin]').add({ hours: 1 })}`,
  gap: `${at('2026-03-29T02:30[Europe/Berlin]')}`,
  overlap: ['earlier', 'later'].map((disambiguation) => `${Temporal.ZonedDateTime.from('2026-10-25T02:30[Europe/Berlin]', { disambiguation })}`),
  skippedDay: `${at('2011-12-29T12:00[Pacific/Apia]').add({ days: 1 })}`,
  halfHour: at('2026-01-01T00:00[Asia/Kolkata]').offset,
  hoursInDay: at('2026-11-01T00:00[America/New_York]').hoursInDay,
  next: `${at('2026-01-01T00:00[America/New_York]').getTimeZoneTransition('next')}`,
  far: `${at('2100-07-01T00:00[Europe/Berlin]')}`,
  unknown: (() => { try { return `${at('2026-01-01T00:00[Mars/Olympus]')}`; } catch (error) { return error.name; } })(),
});
