export default async () => {
  await null;
  return Promise.reject(new TypeError('rejected later'));
};
