const t = { then(resolve) { resolve(t); } };
export default () => t;
