// URLPattern. Reading patterns and addresses is the host's; what matches them are regular expressions.
{
  const PARTS = ['protocol', 'username', 'password', 'hostname', 'port', 'pathname', 'search', 'hash'];
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const { exec } = RegExp.prototype;
  const Expression = RegExp;
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  // The host reads no half characters.
  const textOf = (value) => `${value}`.toWellFormed();
  const inputOf = (input) => {
    if (input === undefined) return {};
    if (!isObject(input)) return textOf(input);
    const init = {};
    for (const name of [...PARTS, 'baseURL']) {
      const value = input[name];
      if (value !== undefined) init[name] = textOf(value);
    }
    return init;
  };
  const baseOf = (base) => (base === undefined ? null : textOf(base));

  class URLPattern {
    #components;
    #hasRegExpGroups;
    constructor(input = {}, baseOrOptions = undefined, options = undefined) {
      const second = isObject(baseOrOptions);
      const ignoreCase = Boolean((second ? baseOrOptions : options)?.ignoreCase);
      const base = second ? null : baseOf(baseOrOptions);
      const read = parse(host.readPattern(`${stringify([inputOf(input), base, ignoreCase])}`));
      this.#hasRegExpGroups = read.hasRegexpGroups;
      this.#components = PARTS.map((name) => {
        const { patternString, regexpString, groupNameList } = read[name];
        try {
          return { name, pattern: patternString, groups: groupNameList, expression: new Expression(regexpString, ignoreCase ? 'vi' : 'v') };
        } catch (error) {
          throw new TypeError(`URLPattern: ${name}: ${error.message}`);
        }
      });
    }
    static pattern(self, index) { return self.#components[index].pattern; }
    #match(input, base) {
      const address = parse(host.readAddress(`${stringify([inputOf(input), baseOf(base)])}`));
      if (address === null) return null;
      const results = [];
      for (const { name, groups, expression } of this.#components) {
        const found = apply(exec, expression, [address[name]]);
        if (found === null) return null;
        results.push([name, { input: address[name], groups: Object.fromEntries(groups.map((group, i) => [group, found[i + 1]])) }]);
      }
      return results;
    }
    get hasRegExpGroups() { return this.#hasRegExpGroups; }
    test(input = {}, base = undefined) { return this.#match(input, base) !== null; }
    exec(input = {}, base = undefined) {
      const results = this.#match(input, base);
      if (results === null) return null;
      const inputs = base === undefined ? [inputOf(input)] : [inputOf(input), baseOf(base)];
      return { inputs, ...Object.fromEntries(results) };
    }
  }
  const { pattern } = URLPattern;
  delete URLPattern.pattern;
  PARTS.forEach((name, index) => {
    Object.defineProperty(URLPattern.prototype, name, {
      get() { return pattern(this, index); },
      enumerable: true,
      configurable: true,
    });
  });
  defineClass(URLPattern);
}
