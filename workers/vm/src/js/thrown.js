// The message of a thrown value that is no Error: its own message, or its JSON, never `#<Object>`; and whether an export is a class.
{
  const { stringify } = JSON;
  const { keys } = Object;
  const text = (value) => (typeof value === 'string' && value !== '' ? value : undefined);

  // A class is a function that nobody can call. Every run of a module asks: in brackets, so that the snapshot holds it compiled.
  const { apply } = Reflect;
  const sourceOf = Function.prototype.toString;
  runtime.isClass = ((value) => apply(sourceOf, value, []).slice(0, 5) === 'class');

  // Undefined where V8's own words are the better ones.
  runtime.thrown = (value) => {
    try {
      const message = text(value.message);
      const name = text(value.name);
      if (message !== undefined) return name === undefined ? message : `${name}: ${message}`;
    } catch { /* A getter threw: its JSON may do. */ }
    try {
      const json = text(stringify(value));
      if (json !== undefined) return json;
    } catch { /* It refers to itself, or something in it threw. */ }
    try {
      return `an object with the properties ${keys(value).join(', ')}`;
    } catch {
      return 'an object that says nothing of itself';
    }
  };
}
