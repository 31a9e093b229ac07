export default () => {
  const seen = [];
  const target = new EventTarget();
  target.addEventListener('a', (event) => seen.push([event.type, event.detail, event.target === target]), { once: true });
  target.addEventListener('a', { handleEvent: (event) => event.preventDefault() });
  const event = new CustomEvent('a', { detail: 1, cancelable: true });
  const controller = new AbortController();
  controller.signal.addEventListener('abort', () => seen.push('aborted'));
  controller.signal.onabort = () => seen.push('onabort');
  const any = AbortSignal.any([controller.signal]);
  seen.push(target.dispatchEvent(event), target.dispatchEvent(event));
  controller.abort();
  controller.abort();
  const error = new DOMException('text', 'TimeoutError');
  return [seen, any.aborted, any.reason.name, error.code, error instanceof Error, `${error}`, self === globalThis];
};
