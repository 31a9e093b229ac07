/* gateway-manifest {"hosts": ["www.githubstatus.com"]} */

// A field of a JSON document on the web. Change the address and the manifest above to your own source: the host has to be
// listed, because the manifest is part of what is hashed.

interface Input {
  /** The place in the document, a JSON Pointer such as /status/indicator. */
  pointer: string;
}

const DOCUMENT = 'https://www.githubstatus.com/api/v2/status.json';

function at(document: unknown, pointer: string): unknown {
  let value = document;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) throw new Error(`the document has nothing at ${pointer}`);
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

export default async function ({ pointer }: Input): Promise<unknown> {
  if (!pointer.startsWith('/')) throw new TypeError('pointer takes a JSON Pointer such as /status/indicator');
  return at(await gateway.fetchJson(DOCUMENT), pointer);
}
