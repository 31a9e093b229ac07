// Draws the output of a run as a picture of a terminal, an SVG:
//   cargo run -- demo | node scripts/picture-of-a-run.mjs 'cargo run -- demo' > docs/demo.svg
// Nothing is added: lines that are too long end in an ellipsis.
import { readFileSync } from 'node:fs';

const COLUMNS = 120;
const LINE = 18;
const CHARACTER = 7.83;
const command = process.argv[2] ?? 'cargo run -- demo';
const escape = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
const shortened = (text) => (text.length > COLUMNS ? `${text.slice(0, COLUMNS - 1)}…` : text);

// What a reader looks at: steps, what is asked, the contract's events, results. A wide column of the table is cut for all rows alike.
const lines = readFileSync(0, 'utf8').trimEnd().split('\n').filter((line) => !/ round \d+ opens /.test(line));
const head = lines.findIndex((line) => line.startsWith('request  project'));
if (head >= 0) {
  const from = lines[head].indexOf('result');
  const to = lines[head].indexOf('blocks');
  const width = Math.min(to - from, 22);
  for (let i = head; i < lines.length && lines[i].length > to; i++) {
    const cell = lines[i].slice(from, to).trimEnd();
    lines[i] = lines[i].slice(0, from) + (cell.length > width - 2 ? `${cell.slice(0, width - 3)}…` : cell).padEnd(width) + lines[i].slice(to);
  }
}

const color = (line) => (line.startsWith('✓') ? 'step' : /^ {2}block/.test(line) ? 'event' : 'say');
const rows = [['prompt', `$ ${command}`], ...lines.map((line) => [color(line), shortened(line)])];
const height = rows.length * LINE + 58;
const width = Math.ceil(COLUMNS * CHARACTER) + 40;
const text = rows.map(([kind, line], i) => `<text class="${kind}" x="20" y="${56 + i * LINE}">${escape(line)}</text>`);
process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escape(command)}</title>
<style>
text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre; fill: #d8dee9 }
.prompt { fill: #ffffff; font-weight: bold } .step { fill: #a3be8c } .event { fill: #88c0d0 }
</style>
<rect width="${width}" height="${height}" rx="8" fill="#1f2430"/>
<circle cx="20" cy="18" r="5" fill="#ed6a5e"/><circle cx="38" cy="18" r="5" fill="#f5bf4f"/><circle cx="56" cy="18" r="5" fill="#61c554"/>
${text.join('\n')}
</svg>
`);
