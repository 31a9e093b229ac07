// The area of a circle.
// Input: {"radius": 2}     Result: 12.566370614359172
// Try it: gateway run examples/circle-area.js --input '{"radius": 2}'
//
// A classic script: the gateway calls `mainFunction` with the input.
function mainFunction({ radius }) {
  if (typeof radius !== 'number' || !(radius >= 0)) {
    throw new RangeError('the input needs a radius of at least 0');
  }
  return Math.PI * radius * radius;
}
