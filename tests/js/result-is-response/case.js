export default () => ({ a: [{ b: new Response("x") }] });
