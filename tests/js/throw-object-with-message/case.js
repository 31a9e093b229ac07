class Failure { constructor(message) { this.message = message; this.name = 'Failure'; } }
export default async () => { throw new Failure('no price'); };
