export default () => {
  const a = { name: 'a' };
  a.self = a;
  return a;
};
