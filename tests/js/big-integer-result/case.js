// As anywhere, JSON.parse rounds: what it made is a number like any other. The case big-integer-exact keeps the digits.
export default () => ({ posts: [{ id: JSON.parse('1564679049192120323') }] });
