export default () => {
  const down = (n) => down(n + 1);
  return down(0);
};
