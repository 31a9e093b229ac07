export default () => {
  try { for (;;); } finally { for (;;); }
};
