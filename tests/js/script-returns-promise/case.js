async function mainFunction({ a }) {
  return new Promise((resolve) => setTimeout(() => resolve(a), 1000));
}
