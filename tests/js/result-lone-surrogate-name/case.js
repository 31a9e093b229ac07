export default () => ({ a: { 'x\ud800': 1 } });
