export default () => ({ b: 1, a: 1e21, '\u20ac': 0.000001, '\ud83d\ude00': 1e-7, c: -0, 10: 'ten', 9: 'nine' });
