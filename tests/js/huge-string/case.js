export default () => 'x'.repeat(1e9).length;
