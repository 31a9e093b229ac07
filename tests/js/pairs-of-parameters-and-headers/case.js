const word = (f) => { try { return f(); } catch (error) { return error.name; } };
export default () => [
  `${new URLSearchParams({ page: undefined })}`, `${new URLSearchParams([['a', undefined], ['b', null]])}`,
  word(() => `${new URLSearchParams([['a']])}`), word(() => `${new URLSearchParams([['a', 1, 2]])}`),
  word(() => [...new Headers([['a']])]), word(() => [...new Headers([['a', 'b', 'c']])]), [...new Headers([['a', 'b']])],
];
