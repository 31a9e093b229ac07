export default () => {
  throw { toString() { throw new Error('hidden'); } };
};
