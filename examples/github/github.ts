/* gateway-manifest {"hosts": ["api.github.com"]} */

// The latest release of a GitHub repository: what was promised was shipped.

interface Input {
  owner: string;
  repo: string;
}

// Downloads are counted while nodes ask: they are dropped.
export function transform(response: GatewayTransformed): GatewayTransform {
  if (response.status !== 200) return { headers: {}, body: '' };
  const { tag_name, published_at, prerelease } = response.json();
  return { headers: {}, body: { tag_name, published_at, prerelease } };
}

export default async function ({ owner, repo }: Input) {
  if (![owner, repo].every((name) => /^[\w.-]+$/.test(name))) throw new TypeError('owner and repo take names');
  const release = await gateway.fetchJson(`https://api.github.com/repos/${owner}/${repo}/releases/latest`);
  return { tag: release.tag_name as string, published: release.published_at as string };
}
