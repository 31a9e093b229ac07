// The page shown, by the address's fragment: it works on every web server without rules of its own.

export interface Route {
  page: string;
  id?: number;
}

function read(): Route {
  const [, page = '', id] = /^#\/([a-z]*)(?:\/(\d+))?/.exec(location.hash) ?? [];
  return { page: page || 'overview', id: id === undefined ? undefined : Number(id) };
}

export const router = $state({ route: read() });

addEventListener('hashchange', () => {
  router.route = read();
});
