export default () => {
  const rate = undefined;
  throw new RangeError(`no rate: ${rate}`);
};
