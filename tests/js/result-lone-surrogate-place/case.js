export default () => ({ a: { b: ['x\udc00'] } });
