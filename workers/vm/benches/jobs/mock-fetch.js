// What stands in for `fetch` where the engine has none: the answers that `fetches.js` expects.
globalThis.fetch = async (url) => ({
  ok: true,
  status: 200,
  json: async () => JSON.parse(`{"price":${100 + Number(url.at(-1))}}`),
});
