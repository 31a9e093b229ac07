export default async () => {
  Promise.reject(new Error('nobody looks'));
  return 1;
};
