// The ways that keep every digit.
export default () => {
  const text = '{"id":1564679049192120323,"amount":122637770461000000001,"price":0.1}';
  const kept = JSON.parse(text, (key, value, { source }) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && Number.isInteger(value) ? source : value);
  return {
    ...kept,
    raw: JSON.rawJSON('9007199254740991'),
    sum: `${BigInt(kept.amount) + 1n}`,
    half: new gateway.Decimal(kept.amount).dividedBy(2, 1).toString(),
    large: 1e21,
  };
};
