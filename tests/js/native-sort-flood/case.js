export default () => {
  for (;;) Array.from({ length: 1e5 }, (_, i) => (i * 7919) % 1e5).sort();
};
