// A Cosmos address from a public key, the selector and call data of an ERC-20 transfer, and decimals beyond doubles.
const key = '0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798';
export default () => {
  const { abi, bech32, Decimal, ripemd160, sha256, toHex } = gateway;
  const address = bech32.encode('cosmos', ripemd160(sha256(key)));
  const call = abi.encode(['address', 'uint256'], [`0x${'11'.repeat(20)}`, 10n ** 18n]);
  return {
    address,
    back: toHex(bech32.decode(address).bytes),
    wrong: (() => { try { return bech32.decode(`${address}q`); } catch (e) { return e.name; } })(),
    selector: abi.selector('transfer(address,uint256)'),
    call,
    decoded: abi.decode(['address', 'uint256'], call).map(String),
    sum: new Decimal('0.1').plus('0.2').toString(),
    big: new Decimal('123456789012345678901234567890.5').times('1e10').toString(),
    third: new Decimal(1).dividedBy(3, 20, 'down').toString(),
  };
};
