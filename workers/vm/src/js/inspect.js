// Turns any value into text for the console. Bounded in depth, items and length; runs no getters.
const INSPECT_DEPTH = 4;
const INSPECT_ITEMS = 100;
const INSPECT_LENGTH = 4000;
const isProxyLike = (value) => {
  try { Object.getOwnPropertyDescriptors(value); return false; } catch { return true; }
};

function inspect(value, depth = 0, seen = []) {
  switch (typeof value) {
    case 'string':
      return depth === 0 ? value : JSON.stringify(value.length > 200 ? value.slice(0, 200) + '\u2026' : value);
    case 'bigint':
      return `${value}n`;
    case 'symbol':
      return Symbol.prototype.toString.call(value);
    case 'function':
      return `[Function ${Object.getOwnPropertyDescriptor(value, 'name')?.value || '(anonymous)'}]`;
    case 'object':
      break;
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
  if (value === null) return 'null';
  if (seen.includes(value)) return '[Circular]';
  if (isProxyLike(value)) return '[Proxy]';
  if (value instanceof Error) {
    const stack = Object.getOwnPropertyDescriptor(value, 'stack')?.value;
    if (typeof stack === 'string') return stack;
    try { return String(value); } catch { return '[Error]'; }
  }
  if (value instanceof Date) {
    const time = Date.prototype.getTime.call(value);
    return Number.isNaN(time) ? 'Invalid Date' : Date.prototype.toISOString.call(value);
  }
  if (value instanceof RegExp) return RegExp.prototype.toString.call(value);
  if (depth >= INSPECT_DEPTH) return Array.isArray(value) ? '[Array]' : '[Object]';
  const inner = [...seen, value];
  const show = (item) => inspect(item, depth + 1, inner);
  const cut = (items, total) => (total > INSPECT_ITEMS ? [...items, `\u2026 ${total - INSPECT_ITEMS} more`] : items);
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    if (value instanceof DataView) return `DataView(${value.byteLength})`;
    const items = Array.prototype.slice.call(value, 0, INSPECT_ITEMS);
    const name = Array.isArray(value) ? '' : `${value.constructor?.name ?? 'TypedArray'}(${value.length}) `;
    return `${name}[${cut(Array.from(items, show), value.length).join(', ')}]`;
  }
  if (value instanceof Map) {
    const items = [];
    for (const [key, item] of Map.prototype.entries.call(value)) {
      if (items.length === INSPECT_ITEMS) break;
      items.push(`${show(key)} => ${show(item)}`);
    }
    return `Map(${value.size}) {${cut(items, value.size).join(', ')}}`;
  }
  if (value instanceof Set) {
    const items = [];
    for (const item of Set.prototype.values.call(value)) {
      if (items.length === INSPECT_ITEMS) break;
      items.push(show(item));
    }
    return `Set(${value.size}) {${cut(items, value.size).join(', ')}}`;
  }
  if (value instanceof Promise) return 'Promise {}';
  const keys = Object.keys(value);
  const items = keys.slice(0, INSPECT_ITEMS).map((key) => {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
    return `${name}: ${property && 'value' in property ? show(property.value) : '[Getter]'}`;
  });
  const constructor = Object.getPrototypeOf(value)?.constructor;
  const name = typeof constructor === 'function' && constructor !== Object ? `${constructor.name} ` : '';
  return items.length === 0 ? `${name}{}` : `${name}{ ${cut(items, keys.length).join(', ')} }`;
}
