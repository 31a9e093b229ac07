class Prices extends Map { toJSON() { return [...this]; } }
class Money { constructor(amount) { this.amount = amount; } }
export default () => ({ prices: new Prices([['a', 1]]), money: new Money(2), at: new Date(0), url: new URL('https://example.com/'), boxed: [new Number(1), new String('s'), new Boolean(false)] });
