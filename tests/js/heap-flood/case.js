export default () => {
  const kept = [];
  for (;;) kept.push({ kept });
};
