export default async () => {
  for (;;) await 0;
};
