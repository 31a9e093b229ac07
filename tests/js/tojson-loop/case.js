export default () => ({ toJSON() { for (;;); } });
