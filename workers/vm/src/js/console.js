// The console: formatted here, bounded and sent by the host. Levels: 0 debug, 1 info, 2 warn, 3 error.
{
  let indent = '';
  const counts = new Map();
  const { log } = host;
  const write = (level, text) => { log(level, `${text}`); };

  const format = (args) => {
    let rest = args;
    let text = '';
    if (typeof args[0] === 'string' && args.length > 1) {
      rest = args.slice(1);
      text = args[0].replace(/%([sdifoOcj%])/g, (whole, kind) => {
        if (kind === '%') return '%';
        if (rest.length === 0) return whole;
        const value = rest.shift();
        if (kind === 's') return typeof value === 'string' ? value : inspect(value, 1);
        if (kind === 'd') return typeof value === 'bigint' ? `${value}n` : String(Number(value));
        if (kind === 'i') return typeof value === 'bigint' ? `${value}n` : String(parseInt(value, 10));
        if (kind === 'f') return String(parseFloat(value));
        return kind === 'c' ? '' : inspect(value, 1);
      });
      if (rest.length > 0) text += ' ';
    }
    text += rest.map((value) => inspect(value)).join(' ');
    if (text.length > INSPECT_LENGTH) text = text.slice(0, INSPECT_LENGTH) + '\u2026';
    return indent === '' ? text : indent + text.replaceAll('\n', `\n${indent}`);
  };

  const at = (level) => (...args) => { write(level, format(args)); };
  const group = (...args) => {
    if (args.length > 0) write(1, format(args));
    if (indent.length < 40) indent += '  ';
  };
  const console = {
    debug: at(0), trace: at(0), log: at(1), info: at(1), dir: at(1), dirxml: at(1), table: at(1),
    warn: at(2), error: at(3),
    assert(condition = false, ...args) {
      if (!condition) write(3, format(['Assertion failed' + (args.length > 0 ? ':' : ''), ...args]));
    },
    group, groupCollapsed: group,
    groupEnd() { indent = indent.slice(2); },
    count(label = 'default') {
      const count = (counts.get(String(label)) ?? 0) + 1;
      counts.set(String(label), count);
      write(1, `${indent}${label}: ${count}`);
    },
    countReset(label = 'default') { counts.delete(String(label)); },
    // Time stands still while code runs.
    time() {}, timeEnd(label = 'default') { write(1, `${indent}${label}: 0ms`); },
    timeLog(label = 'default') { write(1, `${indent}${label}: 0ms`); },
    clear() {},
  };
  define(globalThis, 'console', console);
}
