export default () => -Infinity;
