// Timers on virtual time: ordered by due time, then by start; the clock jumps and nobody waits.
{
  let now = 0;
  let sequence = 0;
  // Sorted by (due, id), earliest last.
  const queue = [];
  const MAX_DELAY = 2 ** 31 - 1;

  const insert = (timer) => {
    let low = 0;
    let high = queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = queue[middle];
      if (other.due > timer.due || (other.due === timer.due && other.id > timer.id)) low = middle + 1;
      else high = middle;
    }
    queue.splice(low, 0, timer);
  };

  const start = (callback, delay, args, repeat) => {
    if (typeof callback !== 'function') throw new TypeError('the timer callback is not a function');
    host.startTimer();
    let wait = Math.trunc(Number(delay));
    if (!(wait >= 1 && wait <= MAX_DELAY)) wait = repeat ? 1 : 0;
    const id = ++sequence;
    insert({ id, handle: id, due: now + wait, wait, callback, args, repeat });
    return id;
  };
  const stop = (handle) => {
    const index = queue.findIndex((timer) => timer.handle === handle);
    if (index !== -1) queue.splice(index, 1);
    else if (runtime.firing !== undefined && runtime.firing.handle === handle) runtime.firing.repeat = false;
  };

  define(globalThis, 'setTimeout', function setTimeout(callback, delay, ...args) {
    return start(callback, delay, args, false);
  });
  define(globalThis, 'setInterval', function setInterval(callback, delay, ...args) {
    return start(callback, delay, args, true);
  });
  define(globalThis, 'setImmediate', function setImmediate(callback, ...args) {
    return start(callback, 0, args, false);
  });
  define(globalThis, 'clearTimeout', function clearTimeout(handle) { stop(handle); });
  define(globalThis, 'clearInterval', function clearInterval(handle) { stop(handle); });
  define(globalThis, 'clearImmediate', function clearImmediate(handle) { stop(handle); });
  define(globalThis, 'queueMicrotask', function queueMicrotask(callback) {
    if (typeof callback !== 'function') throw new TypeError('the microtask is not a function');
    Promise.resolve().then(() => { callback(); });
  });
  define(globalThis, 'performance', { now: () => now, timeOrigin: 0 });

  // How far timers have moved the clock.
  runtime.elapsed = () => now;

  // When the next timer is due; undefined when there is none.
  runtime.nextDue = () => queue.at(-1)?.due;

  // Fires the next timer; false when there is none.
  runtime.tick = () => {
    const timer = queue.pop();
    if (timer === undefined) return false;
    if (timer.due > now) {
      host.advanceClock(timer.due - now);
      now = timer.due;
    }
    runtime.firing = timer;
    try {
      timer.callback.apply(globalThis, timer.args);
    } finally {
      runtime.firing = undefined;
      if (timer.repeat) {
        host.startTimer();
        insert({ ...timer, id: ++sequence, due: now + timer.wait });
      }
    }
    return true;
  };
}
