export default () => ['process', 'require', 'module', 'global', 'Deno', 'Bun', 'host', 'runtime', '__proto__host', 'inspect', 'define', 'toBytes']
  .filter((name) => name in globalThis);
