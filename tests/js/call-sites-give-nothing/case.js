// The host's own functions are strict, so a stack shows their names and hands out nothing of them.
Error.prepareStackTrace = (_, sites) =>
  sites.map((site) => [site.getFunctionName(), typeof site.getThis(), typeof site.getFunction()]);
export default () => ({ toJSON() { return new Error('where').stack; } });
