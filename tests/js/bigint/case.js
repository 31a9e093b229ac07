export default () => ({ amount: 10n ** 30n });
