export default async () => {
  setTimeout('globalThis.leaked = 1', 0);
  await new Promise((resolve) => setTimeout(resolve, 1));
  return typeof leaked;
};
