export default () => {
  const kept = [];
  for (;;) kept.push(new ArrayBuffer(1 << 20));
};
