// Each is thrown in a promise that nobody handles last; what counts is that no message is `#<Object>` or `[object Object]`.
const circular = { a: 1 };
circular.circular = circular;
export default (input) => { throw [circular]; };
