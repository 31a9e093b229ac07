const word = async (f) => { try { return `${await f()}`; } catch (error) { return `${error.name}: ${error.message}`; } };
export default async () => {
  const target = new EventTarget();
  const log = [];
  const second = () => { log.push('second'); };
  target.addEventListener('x', () => { log.push('first'); target.removeEventListener('x', second); });
  target.addEventListener('x', second);
  target.dispatchEvent(new Event('x'));
  return [
    log,
    await word(() => atob('a')), await word(() => btoa('\u20ac')),
    await word(() => crypto.getRandomValues([])), await word(() => crypto.getRandomValues(new Uint8Array(65537))),
    await word(() => new Response('x', { status: 204 })), await word(() => new Response(null, { status: 304 }).status),
    await word(() => Response.json(undefined)), await word(() => fetch('https://example.com/', { signal: {} })),
  ];
};
