const { ownKeys, deleteProperty } = Reflect;
const everything = globalThis;
for (const name of ownKeys(everything)) deleteProperty(everything, name);
export default () => ({ left: [1, 2, 3] });
