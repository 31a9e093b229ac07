// Packed here and unpacked here, and what zlib packed elsewhere.
const ELSEWHERE = {"gzip": "H4sIAAUAAAAC/ysoykxOLdZRKEChAXv0JBoWAAAA", "deflate": "eJwrKMpMTi3WUShAoQFeMggr", "deflate-raw": "KyjKTE4t1lEoQKEB"};
const pass = async (bytes, stream) => new Response(new Blob([bytes]).stream().pipeThrough(stream)).bytes();
export default async () => {
  const text = new TextEncoder().encode('prices, '.repeat(500));
  const out = {};
  for (const [format, packed] of Object.entries(ELSEWHERE)) {
    const small = await pass(text, new CompressionStream(format));
    const back = await pass(small, new DecompressionStream(format));
    const given = Uint8Array.fromBase64(packed);
    out[format] = [
      small.length < 60, back.length, back.every((byte, i) => byte === text[i]),
      new TextDecoder().decode(await pass(given, new DecompressionStream(format))),
      await pass(given.slice(0, -1), new DecompressionStream(format)).catch((error) => error.name),
      await pass(new Uint8Array([...given, 0]), new DecompressionStream(format)).catch((error) => error.name),
    ];
  }
  const bomb = await pass(new Uint8Array(2 << 20), new CompressionStream('gzip'));
  out.bomb = bomb.length < 20000;
  try { new CompressionStream('br') } catch (error) { out.unknown = error.message; }
  return out;
};
