// Adds two numbers.
// Input: {"a": 2, "b": 3}     Result: 5
// Try it: gateway run examples/addition.js --input '{"a": 2, "b": 3}'
//
// A classic script: the gateway calls `mainFunction` with the input.
mainFunction = function ({ a, b }) {
  if (typeof a !== 'number' || typeof b !== 'number') {
    throw new TypeError('the input needs two numbers, a and b');
  }
  return a + b;
};
