export default () => (function* () {}).constructor('yield 1')().next();
