export default () => ({ amount: `${10n ** 30n}`, power: 2 ** 70 });
