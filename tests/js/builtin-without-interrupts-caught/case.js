// Nor can code catch the end.
export default async () => { try { return Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1); } catch { return 'caught'; } };
