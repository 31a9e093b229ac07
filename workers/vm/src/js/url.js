// URL and URLSearchParams. Parsing is the host's; this is the object around it.
const URL_PARTS = ['href', 'origin', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash'];

function formDecode(text) {
  const bytes = host.encode(text.replaceAll('+', ' '));
  const out = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    // A percent sign with two hexadecimal digits is one byte.
    const pair = bytes[i] === 37 && i + 2 < bytes.length ? String.fromCharCode(bytes[i + 1], bytes[i + 2]) : '';
    if (/^[0-9a-f]{2}$/i.test(pair)) {
      out[length++] = parseInt(pair, 16);
      i += 2;
    } else out[length++] = bytes[i];
  }
  return host.decode(out.subarray(0, length), false);
}

// Names and values: of a list of pairs, or of an object.
function pairsOf(init, what) {
  const pairs = [];
  for (const pair of typeof init[Symbol.iterator] === 'function' ? [...init] : Object.entries(init)) {
    const parts = [...pair];
    if (parts.length !== 2) throw new TypeError(`each ${what} needs a name and a value`);
    pairs.push(parts);
  }
  return pairs;
}

class URLSearchParams {
  #pairs = [];
  #changed;
  constructor(init = '', changed = undefined) {
    this.#changed = typeof changed === 'function' ? changed : undefined;
    this.#fill(init);
  }
  #fill(init) {
    if (typeof init === 'object' && init !== null) {
      for (const [name, value] of pairsOf(init, 'search parameter')) this.#pairs.push([`${name}`, `${value}`]);
      return;
    }
    for (const part of `${init}`.replace(/^\?/, '').split('&')) {
      if (part === '') continue;
      const at = part.indexOf('=');
      this.#pairs.push(at === -1 ? [formDecode(part), ''] : [formDecode(part.slice(0, at)), formDecode(part.slice(at + 1))]);
    }
  }
  #update() { this.#changed?.(this.toString()); }
  get size() { return this.#pairs.length; }
  append(name, value) { this.#pairs.push([`${name}`, `${value}`]); this.#update(); }
  delete(name, value) {
    this.#pairs = this.#pairs.filter(([n, v]) => n !== `${name}` || (value !== undefined && v !== `${value}`));
    this.#update();
  }
  get(name) { return this.#pairs.find(([n]) => n === `${name}`)?.[1] ?? null; }
  getAll(name) { return this.#pairs.filter(([n]) => n === `${name}`).map(([, v]) => v); }
  has(name, value) { return this.#pairs.some(([n, v]) => n === `${name}` && (value === undefined || v === `${value}`)); }
  set(name, value) {
    const index = this.#pairs.findIndex(([n]) => n === `${name}`);
    if (index === -1) this.#pairs.push([`${name}`, `${value}`]);
    else {
      this.#pairs[index][1] = `${value}`;
      this.#pairs = this.#pairs.filter(([n], i) => i <= index || n !== `${name}`);
    }
    this.#update();
  }
  sort() {
    this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    this.#update();
  }
  forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
  keys() { return this.#pairs.map(([name]) => name)[Symbol.iterator](); }
  values() { return this.#pairs.map(([, value]) => value)[Symbol.iterator](); }
  entries() { return this.#pairs.map(([name, value]) => [name, value])[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
  toString() {
    const escape = (text) => {
      let out = '';
      for (const byte of host.encode(text)) {
        const character = String.fromCharCode(byte);
        if (/[A-Za-z0-9*\-._]/.test(character)) out += character;
        else out += byte === 32 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
      }
      return out;
    };
    return this.#pairs.map(([name, value]) => `${escape(name)}=${escape(value)}`).join('&');
  }
  // The query of a URL was changed from the outside.
  static reset(parameters, query) {
    parameters.#pairs = [];
    parameters.#fill(query);
  }
}
const resetParameters = URLSearchParams.reset;
delete URLSearchParams.reset;

class URL {
  #parts;
  #parameters;
  constructor(url, base) {
    this.#parts = host.parseUrl(`${url}`, base === undefined ? undefined : `${base}`);
    if (this.#parts === null) throw new TypeError(`Invalid URL: '${url}'`);
    this.#parameters = new URLSearchParams(this.search, (query) => { this.#change('search', query, false); });
  }
  #change(part, value, outside = true) {
    const parts = part === 'href' ? host.parseUrl(`${value}`, undefined) : host.changeUrl(this.#parts[0], part, `${value}`);
    if (parts === null) throw new TypeError(`Invalid URL: '${value}'`);
    this.#parts = parts;
    if (outside && (part === 'search' || part === 'href')) resetParameters(this.#parameters, this.search);
  }
  static part(url, index) { return url.#parts[index]; }
  static change(url, part, value) { url.#change(part, `${value}`); }
  get searchParams() { return this.#parameters; }
  toString() { return this.href; }
  toJSON() { return this.href; }
  static canParse(url, base) { return host.parseUrl(`${url}`, base === undefined ? undefined : `${base}`) !== null; }
  static parse(url, base) { return URL.canParse(url, base) ? new URL(url, base) : null; }
}
{
  const { part, change } = URL;
  delete URL.part;
  delete URL.change;
  URL_PARTS.forEach((name, index) => {
    Object.defineProperty(URL.prototype, name, {
      get() { return part(this, index); },
      set: name === 'origin' ? undefined : function (value) { change(this, name, value); },
      enumerable: true,
      configurable: true,
    });
  });
}
defineClass(URLSearchParams);
defineClass(URL);
