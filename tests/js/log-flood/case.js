export default () => {
  for (let i = 0; i < 3000; i++) console.log('x'.repeat(10000));
  return 'logged';
};
