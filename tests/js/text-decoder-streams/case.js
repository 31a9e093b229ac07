// A stream of many pieces costs as much as its bytes; after an error the decoder begins anew.
export default () => {
  const many = new TextDecoder();
  const piece = new Uint8Array(16).fill(97);
  let length = 0;
  for (let i = 0; i < 8000; i++) length += many.decode(piece, { stream: true }).length;
  const split = new TextDecoder();
  const parts = [[0xef, 0xbb], [0xbf, 0xe2, 0x82], [0xac]].map((bytes) => split.decode(new Uint8Array(bytes), { stream: true }));
  const cut = split.decode(new Uint8Array([0xe2]), { stream: true }) + split.decode();
  const fatal = new TextDecoder('utf-8', { fatal: true });
  const words = [];
  fatal.decode(new Uint8Array([0xe2, 0x82]), { stream: true });
  try { fatal.decode(new Uint8Array([0x41]), { stream: true }); } catch (error) { words.push(error.name); }
  words.push(fatal.decode(new Uint8Array([0x42]), { stream: true }), fatal.decode());
  const sjis = new TextDecoder('shift_jis');
  return { length, last: many.decode(), parts, cut, words, sjis: sjis.decode(new Uint8Array([0x82]), { stream: true }) + sjis.decode(new Uint8Array([0xa0])) };
};
