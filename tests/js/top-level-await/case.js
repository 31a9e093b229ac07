const rate = await Promise.resolve(3);
export default (n) => n * rate;
