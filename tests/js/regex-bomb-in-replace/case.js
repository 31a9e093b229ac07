export default () => 'a'.repeat(50).replace(/(a|a?)+$b/g, 'c');
