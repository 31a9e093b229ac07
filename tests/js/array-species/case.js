class Evil extends Array { static get [Symbol.species]() { throw new Error('species'); } }
export default () => Evil.from([1, 2, 3]);
