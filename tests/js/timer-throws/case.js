export default () => new Promise(() => {
  setTimeout(() => {
    throw new Error('in a timer');
  }, 5);
});
