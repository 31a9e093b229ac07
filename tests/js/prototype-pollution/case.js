Object.prototype.polluted = true;
Array.prototype.toJSON = () => 'gone';
export default () => ({ list: [1, 2], own: 1 });
