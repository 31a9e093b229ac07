export default async () => (await import('node:fs')).default;
