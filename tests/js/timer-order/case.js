export default async () => {
  const log = [];
  const at = (ms, name) => setTimeout(() => log.push(name), ms);
  at(10, 'c'); at(5, 'a'); at(10, 'd'); at(7, 'b');
  const id = setInterval(() => { log.push('i'); if (log.length > 6) clearInterval(id); }, 4);
  await new Promise((r) => setTimeout(r, 50));
  return log;
};
