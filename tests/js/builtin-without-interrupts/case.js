// This built-in never asks whether it is to stop: it is ended from outside.
export default () => Array.prototype.includes.call({ length: 2 ** 53 - 1 }, 1);
