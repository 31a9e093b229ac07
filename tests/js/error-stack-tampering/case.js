Error.prepareStackTrace = () => { throw new Error('tampered'); };
Error.stackTraceLimit = 0;
export default () => {
  throw new Error('plain');
};
