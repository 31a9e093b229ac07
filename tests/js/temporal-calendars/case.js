const day = Temporal.PlainDate.from('2026-11-30');
const inCalendar = (calendar) => {
  const date = day.withCalendar(calendar);
  return [date.year, date.monthCode, date.day, date.daysInYear, `${date.add({ months: 13 }).withCalendar('iso8601')}`];
};
export default () => ({
  ...Object.fromEntries(['iso8601', 'gregory', 'hebrew', 'chinese', 'japanese', 'persian', 'islamic-civil', 'islamic-umalqura', 'ethiopic', 'roc']
    .map((calendar) => [calendar, inCalendar(calendar)])),
  text: day.toLocaleString('de-DE', { dateStyle: 'full' }),
  era: day.withCalendar('japanese').era,
});
