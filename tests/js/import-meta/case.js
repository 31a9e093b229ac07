export default () => Object.getOwnPropertyNames(import.meta);
