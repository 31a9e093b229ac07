// What the standard says of streams, in the order in which it happens.
const read = async (stream) => { const out = []; for await (const chunk of stream) out.push(chunk); return out; };
export default async () => {
  const out = {};
  out.through = await read(ReadableStream.from([1, 2, 3]).pipeThrough(new TransformStream({
    start(controller) { controller.enqueue('begin'); },
    transform(n, controller) { if (n !== 2) controller.enqueue(n * 10); },
    flush(controller) { controller.enqueue('end'); },
  })));
  out.identity = await read(ReadableStream.from(['a', 'b']).pipeThrough(new TransformStream()));
  const euro = new TextEncoder().encode('5 €');
  out.decoded = (await read(ReadableStream.from([euro.slice(0, 3), euro.slice(3)]).pipeThrough(new TextDecoderStream()))).join('');
  out.encoded = (await read(ReadableStream.from(['a\ud83d', '\ude00']).pipeThrough(new TextEncoderStream()))).map((bytes) => [...bytes]);
  const log = [];
  const sink = new WritableStream({
    start() { log.push('start'); },
    async write(chunk) { log.push(chunk); },
    close() { log.push('close'); },
  });
  const writer = sink.getWriter();
  writer.write(1);
  await writer.write(2);
  await writer.close();
  out.written = [[...log], await writer.closed.then(() => 'closed'), sink.locked, await writer.write(3).catch((error) => error.name)];
  const failing = ReadableStream.from([1, 2]).pipeThrough(new TransformStream({ transform(n) { if (n === 2) throw new RangeError('two'); } }));
  out.failed = await read(failing).catch((error) => `${error}`);
  const broken = new WritableStream({ write() { throw new TypeError('full'); } });
  out.pipe = [
    await ReadableStream.from([1]).pipeTo(broken).catch((error) => `${error}`),
    await new ReadableStream({ start(controller) { controller.error(new Error('gone')); } }).pipeTo(new WritableStream({ abort(reason) { log.push(`${reason}`); } })).catch((error) => `${error}`),
    log.at(-1),
  ];
  const stopped = new TransformStream({ transform(chunk, controller) { controller.enqueue(chunk); controller.terminate(); } });
  ReadableStream.from([7, 8]).pipeTo(stopped.writable).catch(() => {});
  out.terminated = await read(stopped.readable);
  out.response = await new Response(ReadableStream.from(['x', 'y']).pipeThrough(new TextEncoderStream())).text();
  return out;
};
