export default () => ({ deep: { f() {} } });
