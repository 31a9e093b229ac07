/* gateway-manifest {"hosts": ["ipfs.io"]} */

// The metadata of an NFT on IPFS: its name, its traits, and the hash of the very bytes, so that a contract can pin them.

interface Input {
  /** Where it is, such as ipfs://CID/1. */
  uri: string;
}

export default async function ({ uri }: Input) {
  const path = /^ipfs:\/\/([a-zA-Z0-9]{46,64}(?:\/[\w.-]+)*)$/.exec(uri)?.[1];
  if (path === undefined) throw new TypeError('uri takes an address such as ipfs://CID/1');
  const response = await fetch(`https://ipfs.io/ipfs/${path}`);
  if (!response.ok) throw new gateway.HttpError(response.status, response.url);
  const bytes = await response.bytes();
  const { name, image, attributes = [] } = JSON.parse(new TextDecoder().decode(bytes));
  if (typeof name !== 'string' || typeof image !== 'string') throw new TypeError('the metadata has no name or no image');
  const traits: Record<string, string> = {};
  for (const { trait_type, value } of attributes) traits[String(trait_type)] = String(value);
  return { name, image, sha256: gateway.toHex(gateway.sha256(bytes)), traits };
}
