const word = async (f) => { try { return await f(); } catch (error) { return error.name; } };
export default async () => {
  const streamed = new Response(new ReadableStream({ start(c) { c.enqueue('ab'); c.enqueue('c'); c.close(); } }));
  const copy = streamed.clone();
  const looped = new Response('text');
  const before = looped.bodyUsed;
  for await (const _ of looped.body);
  const read = new Response('x');
  await read.text();
  return {
    clones: [await copy.text(), await streamed.text()],
    used: [before, looped.bodyUsed, await word(() => looped.text()), await word(async () => read.clone()), Response.error().clone().type],
    syntax: await word(() => new Response('<').clone().json()),
  };
};
