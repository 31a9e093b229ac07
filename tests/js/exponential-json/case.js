// Sixty doublings are one small object in memory, and more text than there is paper.
export default () => {
  let value = 'x';
  for (let i = 0; i < 60; i++) value = [value, value];
  return value;
};
