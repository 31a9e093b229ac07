const read = async (stream) => { const out = []; for await (const chunk of stream) out.push(chunk); return out; };
export default async () => {
  const blob = new Blob(['é', new Uint8Array([33]), new Blob(['x'])], { type: 'Text/Plain' });
  const form = new FormData();
  form.append('a', '1');
  form.append('f', new File(['data'], 'name.txt', { type: 'text/plain' }));
  form.append('a', '2');
  const request = new Request('https://example.com/', { method: 'POST', body: form });
  const streamed = new Response(new ReadableStream({ start(c) { c.enqueue('ab'); c.enqueue(new Uint8Array([99])); c.close(); } }));
  const [left, right] = ReadableStream.from(['l', 'r']).tee();
  return {
    blob: [blob.size, blob.type, await blob.text(), await blob.slice(0, 2).text(), (await blob.stream().getReader().read()).value.length],
    form: [form.getAll('a'), form.get('f').name, [...form.keys()], request.headers.get('content-type').slice(0, 40), await request.text()],
    statics: [Response.json({ a: 1 }).headers.get('content-type'), Response.redirect('https://example.com/x', 301).headers.get('location'), Response.error().type],
    streams: [await streamed.text(), await read(left), await read(right), (await read(new Response('body').body)).map((bytes) => [...bytes])],
    reads: [await (await new Response('a=1&b=2', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData()).get('b'), (await new Response('x').blob()).size],
    twice: await (async () => { const r = new Response('x'); await r.text(); try { await r.text(); } catch (error) { return error.message; } })(),
  };
};
