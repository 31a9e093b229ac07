export default () => [
  new Headers(), new Request('https://example.com/'), new Response(''), new URL('https://example.com/'), new URLSearchParams(),
  new TextEncoder(), new TextDecoder(), new Blob([]), new FormData(), new Event('x'), new CustomEvent('x'), new EventTarget(),
  new AbortController(), AbortSignal.abort(), new DOMException(''), new ReadableStream(), new URLPattern({}), class extends Headers {}.prototype,
].map((value) => Object.prototype.toString.call(value).slice(8, -1));
