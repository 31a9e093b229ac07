const word = (f) => { try { return f(); } catch (error) { return [error.name, error.code, error instanceof DOMException]; } };
export default async () => {
  const copy = structuredClone(JSON.parse('{"__proto__": {"a": 1}, "b": 2}'));
  return [
    Object.keys(copy), copy.a === undefined, Object.getPrototypeOf(copy) === Object.prototype,
    word(() => structuredClone(() => {})), word(() => structuredClone(new Proxy({}, {}))), word(() => structuredClone((function* () {})())),
    word(() => structuredClone(new Response('x'))), word(() => structuredClone(Promise.resolve())),
    await structuredClone(new Blob(['text'])).text(), structuredClone(new File(['x'], 'name')).name,
  ];
};
