export default () => console.log.constructor('return globalThis')();
