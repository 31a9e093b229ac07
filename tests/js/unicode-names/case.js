export default () => {
  const größe = '📏';
  return { größe, length: größe.length };
};
