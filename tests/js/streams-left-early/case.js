const read = async (stream) => { const out = []; for await (const chunk of stream) out.push(chunk); return out; };
export default async () => {
  const out = {};
  const log = [];
  const source = () => new ReadableStream({ pull(controller) { controller.enqueue('x'); }, cancel(reason) { log.push(`cancel ${reason}`); } });
  for await (const chunk of source()) { log.push(chunk); break; }
  const kept = source();
  for await (const chunk of kept.values({ preventCancel: true })) { log.push(chunk); break; }
  log.push((await kept.getReader().read()).value);
  const [left, right] = ReadableStream.from(['a', 'b', 'c']).tee();
  await left.cancel('enough');
  out.right = await read(right);
  const [one, two] = source().tee();
  await one.cancel('one');
  await two.cancel('two');
  out.log = log;
  return out;
};
