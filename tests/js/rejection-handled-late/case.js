export default async () => {
  const p = Promise.reject(new Error('looked at later'));
  await null;
  await p.catch(() => {});
  return 'fine';
};
