export default () => ({ pending: Promise.resolve(1) });
