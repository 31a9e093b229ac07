const PAGE = `<!DOCTYPE html><title>Prices</title><table id=t><tr><td class="name">ATOM<td class="price" data-usd="4.71">4.71 <b>USD</b>
<tr><td class=name>ARCH<td class=price data-usd=0.02>0.02</table><p>1 &lt; 2`;
const failure = (make) => { try { return make(); } catch (error) { return `${error.name}: ${error.message}`; } };
export default () => [
  gateway.html.select(PAGE, 'title')[0].text,
  gateway.html.select(PAGE, '#t td.price').map(({ text, attributes }) => [text.trim(), attributes]),
  gateway.html.select(PAGE, 'tr:nth-child(2) > .name, p').map(({ name, html }) => [name, html]),
  gateway.html.select(PAGE, '[data-usd^="4"]').length,
  gateway.html.select(PAGE, 'video'),
  failure(() => gateway.html.select(PAGE, 'td[')),
];
