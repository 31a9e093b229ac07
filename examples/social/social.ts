/* gateway-manifest {"hosts": ["api.github.com"]} */

// Links an account on the web to one on the chain: whoever can write the address into the profile owns the profile.

interface Input {
  /** Name of the GitHub account. */
  user: string;
  /** Address on the chain that must stand in the profile's text. */
  address: string;
}

export function transform(response: GatewayTransformed): GatewayTransform {
  if (response.status !== 200) return { headers: {}, body: '' };
  const { id, login, bio } = response.json();
  return { headers: {}, body: { id, login, bio } };
}

export default async function ({ user, address }: Input) {
  if (!/^[a-zA-Z0-9-]{1,39}$/.test(user)) throw new TypeError('user takes the name of a GitHub account');
  if (gateway.bech32.decode(address).prefix !== 'archway') throw new TypeError('address takes an address of Archway');
  const profile = await gateway.fetchJson(`https://api.github.com/users/${user}`);
  const words: string[] = String(profile.bio ?? '').split(/[\s,;]+/);
  // The number stays when the account is renamed.
  return { user: profile.login as string, id: profile.id as number, address, verified: words.includes(address) };
}
