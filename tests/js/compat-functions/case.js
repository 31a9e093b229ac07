/* gateway-manifest {"compat": "chainlink-functions"} */
const total = args.map(Number).reduce((a, b) => a + b, 0);
if (secrets.apiKey !== '{{secret:apiKey}}') throw Error('no placeholder');
const request = await Functions.makeHttpRequest({ url: 'https://example.com/', params: { q: args[0] } });
if (request.error !== true) throw Error('a host that is not listed');
return Functions.encodeUint256(total);
