export default () => ({ a: undefined, b: [{ c: undefined }] });
