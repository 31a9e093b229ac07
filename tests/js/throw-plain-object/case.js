export default () => {
  throw { code: 7 };
};
