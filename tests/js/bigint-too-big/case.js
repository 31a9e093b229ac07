export default () => (2n ** (2n ** 40n)).toString().length;
