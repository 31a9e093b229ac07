export default () => {
  let value = 'x';
  for (let i = 0; i < 60; i++) value = [value, value];
  return JSON.stringify(value).length;
};
