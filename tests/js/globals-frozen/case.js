Object.freeze(globalThis);
Object.freeze(Object.prototype);
Object.freeze(Array.prototype);
export default async (input, ctx) => ({ at: ctx.now });
