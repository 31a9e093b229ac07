const decode = (label, bytes, options) => new TextDecoder(label, options).decode(new Uint8Array(bytes));
export default () => {
  const stream = new TextDecoder();
  const pieces = [[0xe2], [0x82], [0xac, 0x41], [0xf0, 0x9f]].map((bytes) => stream.decode(new Uint8Array(bytes), { stream: true }));
  pieces.push(stream.decode());
  const failure = (make) => { try { return make(); } catch (error) { return `${error.name}: ${error.message}`; } };
  return [
    pieces,
    decode('latin1', [0xe9, 0x80]), decode('windows-1252', [0x80]), decode('utf-16le', [0x41, 0, 0xac, 0x20]), decode('shift_jis', [0x82, 0xa0]),
    decode('koi8-r', [0xc1]), decode('gbk', [0xc4, 0xe3]), decode('utf-8', [0xef, 0xbb, 0xbf, 0x41]), decode('utf-8', [0xef, 0xbb, 0xbf, 0x41], { ignoreBOM: true }).length,
    ['utf8', 'UTF-16', 'iso-8859-1', 'ascii', 'sjis'].map((label) => new TextDecoder(label).encoding),
    failure(() => new TextDecoder('none')),
    failure(() => decode('utf-8', [0xff], { fatal: true })),
    failure(() => decode('euc-jp', [0xff], { fatal: true })),
  ];
};
