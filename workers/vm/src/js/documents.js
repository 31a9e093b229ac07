// `gateway.xml`, `gateway.html` and `gateway.jsonPath`: documents that are no JSON, and a way into those that are.
{
  const { parse, stringify } = JSON;

  class XmlElement {
    constructor({ name, namespace, attributes, children }) {
      this.name = name;
      if (namespace !== null) this.namespace = namespace;
      this.attributes = Object.fromEntries(attributes);
      this.children = children.map((child) => (typeof child === 'string' ? child : new XmlElement(child)));
    }
    // The text of the element and of all below it.
    get text() { return this.children.map((child) => (typeof child === 'string' ? child : child.text)).join(''); }
    // Elements below this one by a path of names: 'channel/item/title'; '*' is any name.
    findAll(path) {
      return `${path}`.split('/').reduce(
        (found, name) => found.flatMap((element) => element.children.filter((child) => child instanceof XmlElement && (name === '*' || child.name === name))),
        [this],
      );
    }
    find(path) { return this.findAll(path)[0] ?? null; }
  }
  // A byte order mark is no part of the document.
  const textOf = (text) => `${`${text}`.replace(/^\ufeff/, '')}`;
  const readXml = (text) => {
    try {
      return host.xmlParse(textOf(text));
    } catch (error) {
      // A page in the place of the document is the server's fault; a document above a limit is the same on every node.
      const from = error instanceof TypeError && !/nodes limit/.test(error.message) ? receivedFrom.of(text) : undefined;
      if (from === undefined) throw error;
      throw new SourceError(`the answer of ${from} is not XML: ${error.message}`);
    }
  };
  gateway.xml = { parse: (text) => new XmlElement(parse(readXml(text))) };
  gateway.html = { select: (text, selector) => parse(host.htmlSelect(textOf(text), `${selector}`)).map((found) => ({ ...found, attributes: Object.fromEntries(found.attributes) })) };
  gateway.jsonPath = (value, path) =>
    parse(host.jsonPath(`${stringify(value)}`, `${path}`)).map((steps) => steps.reduce((at, step) => at[step], value));
}
