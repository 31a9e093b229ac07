export default () => {
  let depth = 0;
  const down = () => { depth++; down(); };
  try { down(); } catch (e) { return [e.name, depth > 1000]; }
};
