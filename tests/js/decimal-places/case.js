const { Decimal } = gateway;
const word = (f) => { try { return f(); } catch (error) { return `${error.name}: ${error.message}`; } };
export default () => {
  const d = new Decimal('1234.56');
  return [
    d.round(-2), d.round(-2, 'up'), d.round(-5), d.round(1), d.toFixed(0), d.toFixed(), new Decimal('5').dividedBy(3, 0),
    word(() => d.toFixed(-1)), word(() => d.round(1.5)), word(() => d.round('2')), word(() => d.dividedBy(3, NaN)),
    word(() => d.toFixed(1e9)), word(() => `${d.toBigInt(-1)}`),
    word(() => d > new Decimal('9')), word(() => d + 1), `${d}`, gateway.abi.encode(['uint256'], [new Decimal('31')]).slice(-2),
  ];
};
