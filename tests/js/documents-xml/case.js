const FEED = `\ufeff<?xml version="1.0"?>
<rss xmlns:x="urn:x"><channel><title>Rates &amp; more</title>
<item x:id="1" id="2"><rate currency="USD">1.08</rate></item><item><rate><![CDATA[<4.5>]]></rate></item></channel></rss>`;
const failure = (make) => { try { return make(); } catch (error) { return `${error.name}: ${error.message}`; } };
export default () => {
  const rss = gateway.xml.parse(FEED);
  return [
    rss.name, rss.find('channel/title').text, rss.findAll('channel/item/rate').map((rate) => [rate.text, rate.attributes]),
    rss.findAll('*/item')[0].attributes, rss.find('nothing/here'),
    failure(() => gateway.xml.parse('<a><b></a>')),
    failure(() => gateway.xml.parse('<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')),
    failure(() => gateway.xml.parse('<a>'.repeat(200) + '</a>'.repeat(200))),
    failure(() => gateway.xml.parse('<a>' + 'x'.repeat(2 << 20) + '</a>')),
  ];
};
