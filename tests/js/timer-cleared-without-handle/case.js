export default async () => {
  let timer;
  clearTimeout(timer);
  clearInterval(null);
  clearImmediate();
  await new Promise((resolve) => { timer = setInterval(() => { clearInterval(undefined); clearInterval(timer); resolve(); }, 1); });
  return 'cleared';
};
