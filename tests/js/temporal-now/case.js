// Every clock of Temporal is the run's: the pinned instant, in UTC.
export default () => ({
  sameAsDate: Temporal.Now.instant().epochMilliseconds === Date.now(),
  instant: `${Temporal.Now.instant()}`,
  timeZone: Temporal.Now.timeZoneId(),
  zoned: `${Temporal.Now.zonedDateTimeISO()}`,
  elsewhere: `${Temporal.Now.zonedDateTimeISO('Asia/Tokyo')}`,
  date: `${Temporal.Now.plainDateISO()}`,
  ofDate: `${new Date().toTemporalInstant()}`,
});
