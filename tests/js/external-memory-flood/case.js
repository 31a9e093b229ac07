// Strings and buffers that live outside of the JavaScript heap count too.
export default () => {
  const kept = [];
  for (;;) kept.push(new TextEncoder().encode('x'.repeat(1e6)));
};
