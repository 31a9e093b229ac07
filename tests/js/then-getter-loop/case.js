export default async () => ({ get then() { for (;;); } });
