export default () => {
  const start = Date.now();
  while (Date.now() === start && performance.now() === 0);
  return 'time passed';
};
