export default () => Array.from({ length: 40000 }, (_, i) => i);
