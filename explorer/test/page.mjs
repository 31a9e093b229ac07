// Drives the page in headless Chromium against a running demo network: every page, keyboard, phone width, accessibility,
// a request followed live, a verification that holds and one that must not. Run by scripts/test-explorer.sh.
//
//   node explorer/test/page.mjs EXPLORER-ADDRESS SCREENSHOT-FOLDER ASK-COMMAND…

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const [address, folder, ...ask] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WAIT = { timeout: 60_000 };
/** Who paid for the demo's first request: its user. */
let userAddress = '';
let passed = 0;

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });

/** A page that notes what a console must not hold and which hosts were asked. */
async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, colorScheme: 'light', ...options });
  const page = await context.newPage();
  page.faults = [];
  page.hosts = new Set();
  page.on('console', (message) => message.type() === 'error' && page.faults.push(message.text()));
  page.on('pageerror', (error) => page.faults.push(error.message));
  page.on('request', (request) => page.hosts.add(new URL(request.url()).hostname));
  return page;
}

async function show(page, fragment, heading) {
  await page.goto(`${address}#/${fragment}`);
  await page.locator('h1', { hasText: heading }).waitFor(WAIT);
}

async function test(name, work) {
  await work();
  passed += 1;
  console.log(`ok ${passed} - ${name}`);
}

/** Fails with the rules broken, by WCAG 2.2 AA. */
async function accessible(page, what) {
  // Evaluated by the debugger's protocol: the page's own policy forbids foreign scripts.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const found = violations.map((v) => `${v.id}: ${v.help} (${v.nodes.map((n) => n.target.join(' ')).slice(0, 3).join('; ')})`);
  assert.deepEqual(found, [], what);
}

/** The request that was drawn with tickets, and its project. */
const { items: asked } = await (await fetch(`${address}v1/requests?limit=100`)).json();
const { request: drawn, project: ticketed } = asked.find(({ policy }) => policy.draw === 'beacon');

const PAGES = [
  ['overview', 'Overview', '#/request/'],
  ['request/1', 'Request #1', 'Accepted'],
  ['verify/1', 'Verify request #1', 'Every proof holds'],
  [`request/${drawn}`, `Request #${drawn}`, 'tickets, drawn from block'],
  [`verify/${drawn}`, `Verify request #${drawn}`, "The draw's seed, of tickets"],
  ['verify', 'Verify a result', 'Verify the newest'],
  ['projects', 'Projects', 'addition'],
  ['project/1', 'addition', 'mainFunction'],
  [`project/${ticketed}`, 'drawn with tickets', 'These bytes are addition.js at commit 0123456789abcdef'],
  ['nodes', 'Nodes', '% agree'],
  ['draws/1', 'The draw of request #1', 'seats'],
  ['network', 'Network', 'it holds what it owes'],
  ['settings', 'Settings', 'Tendermint RPC'],
];

/** Waits for what a page is there to show. */
const ready = (page, sign) =>
  sign.startsWith('#') ? page.locator(`main a[href^="${sign}"]`).first().waitFor(WAIT) : page.locator('main', { hasText: sign }).waitFor(WAIT);

const page = await open();

await test('the script is under 200 KB compressed, and the page is first painted within a second', async () => {
  const script = await (await fetch(`${address}explorer.js`)).arrayBuffer();
  const size = gzipSync(Buffer.from(script)).length;
  assert.ok(size < 200_000, `${size} bytes`);
  await page.goto(address);
  await page.locator('h1').waitFor(WAIT);
  const paint = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  console.log(`# script ${size} bytes compressed, first paint after ${Math.round(paint)} ms`);
});

for (const scheme of ['light', 'dark']) {
  await test(`every page shows its part and breaks no rule of accessibility, ${scheme}`, async () => {
    await page.emulateMedia({ colorScheme: scheme });
    for (const [fragment, heading, sign] of PAGES) {
      await show(page, fragment, heading);
      await ready(page, sign);
      if (fragment === 'request/1') userAddress = await page.locator('dt:has-text("Requester") + dd').textContent();
      await accessible(page, `${fragment}, ${scheme}`);
      await page.screenshot({ path: `${folder}/${fragment.replace('/', '-')}-${scheme}.png`, fullPage: true });
    }
  });
}

await test('where nodes differ, fields stand side by side, and what happens next is explained', async () => {
  const reader = await open();
  // The demo's nodes agree: the relay's answer is changed on its way to the page.
  await reader.route('**/v1/requests/1/explanation', async (route) => {
    const answer = await (await route.fetch()).json();
    const sides = [{ text: '8', nodes: [1, 2] }, { text: '9', nodes: [3] }];
    const agreement = { ...answer.view.agreement, differences: [{ pointer: '/sum', sides }] };
    agreement.abstentions = [{ node: 4, reason: 'code_not_found', detail: 'no source answered' }];
    await route.fulfill({ json: { ...answer, view: { ...answer.view, agreement } } });
  });
  await show(reader, 'request/1', 'Request #1');
  const row = reader.locator('tr', { hasText: '/sum' });
  await row.waitFor(WAIT);
  assert.deepEqual(await row.locator('td .mono').allTextContents(), ['8', '9']);
  await reader.locator('tr', { hasText: 'no source answered' }).waitFor(WAIT);
  await accessible(reader, 'differences');
  assert.deepEqual(reader.faults, []);
  await reader.context().close();
});

await test('at 360 pixels nothing is wider than the screen, and what scrolls is reached by keyboard', async () => {
  const phone = await open({ viewport: { width: 360, height: 740 }, isMobile: true });
  for (const [fragment, heading, sign] of PAGES) {
    await show(phone, fragment, heading);
    await ready(phone, sign);
    const wide = await phone.evaluate(() => {
      if (document.documentElement.scrollWidth <= 360) return [];
      const over = [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > 360 && !e.closest('.scroll'));
      return [`${document.documentElement.scrollWidth} pixels`].concat(over.map((e) => `${e.tagName} to ${Math.round(e.getBoundingClientRect().right)}: ${e.textContent.slice(0, 40)}`));
    });
    assert.deepEqual(wide, [], `${fragment} is wider than the screen`);
    await accessible(phone, `${fragment}, 360 pixels`);
    await phone.screenshot({ path: `${folder}/${fragment.replace('/', '-')}-phone.png` });
  }
  assert.deepEqual(phone.faults, []);
  await phone.context().close();
});

await test('a request is followed live to its result', async () => {
  await show(page, 'overview', 'Overview');
  await ready(page, '#/request/');
  const before = await page.evaluate(() => Number(document.querySelector('main a[href^="#/request/"]').textContent.slice(1)));
  const next = before + 1;
  const asking = spawn(ask[0], ask.slice(1), { stdio: 'inherit' });
  await page.locator(`main a[href="#/request/${next}"]`).waitFor(WAIT);
  await show(page, `request/${next}`, `Request #${next}`);
  await page.locator('.title', { hasText: 'fulfilled' }).waitFor(WAIT);
  await page.locator('main', { hasText: 'Published at block' }).waitFor(WAIT);
  const code = await new Promise((done) => (asking.exitCode === null ? asking.on('exit', done) : done(asking.exitCode)));
  assert.equal(code, 0);
  await show(page, `verify/${next}`, `Verify request #${next}`);
  await page.locator('[data-verdict="holds"]').waitFor(WAIT);
});

await test('a reader asks with the wallet in the browser', async () => {
  const asker = await open();
  // The demo's user: a key that everybody knows.
  const secret = sha256(new TextEncoder().encode('gateway localnet account user'));
  const key = { address: userAddress, pubKey: [...secp256k1.getPublicKey(secret, true)] };
  await asker.exposeFunction('signDocument', (bytes) =>
    Buffer.from(secp256k1.sign(Uint8Array.from(bytes), secret, { format: 'compact' })).toString('base64'));
  await asker.addInitScript((known) => {
    const number = (n) => { const out = []; let rest = BigInt(n); do { out.push(Number(rest & 127n) | (rest > 127n ? 128 : 0)); rest >>= 7n; } while (rest); return out; };
    const field = (id, bytes) => [id * 8 + 2, ...number(bytes.length), ...bytes];
    window.keplr = {
      enable: async () => {},
      getKey: async () => ({ bech32Address: known.address, pubKey: Uint8Array.from(known.pubKey) }),
      signDirect: async (chainId, _, doc) => {
        const chain = new TextEncoder().encode(chainId);
        const account = doc.accountNumber === 0n ? [] : [32, ...number(doc.accountNumber)];
        const bytes = [...field(1, doc.bodyBytes), ...field(2, doc.authInfoBytes), ...field(3, chain), ...account];
        return { signed: doc, signature: { signature: await window.signDocument(bytes) } };
      },
    };
  }, key);
  await show(asker, 'project/1', 'addition');
  await asker.getByLabel('Input, JSON').fill('{"a":100,"b":11}');
  await asker.getByLabel(/Gas price/).fill('1');
  await asker.getByRole('button', { name: 'Sign with the wallet and ask' }).click();
  await asker.locator('main', { hasText: 'its request will be the newest' }).waitFor(WAIT);
  await show(asker, 'overview', 'Overview');
  await asker.locator('tr', { hasText: '111' }).first().waitFor(WAIT);
  assert.deepEqual(asker.faults, []);
  await asker.context().close();
});

await test('a forged byte of each part turns the verification red at the step that notices', async () => {
  await show(page, 'verify/1', 'Verify request #1');
  await page.locator('[data-verdict="holds"]').waitFor(WAIT);
  assert.equal(await page.locator('.step.fails').count(), 0);
  const node = await page.locator('[data-step^="node-"]').first().getAttribute('data-step');
  const number = node.split('-')[1];
  const cases = [
    ['body', 'outcome'], ['seed', 'round-seed'], ['epoch', 'epoch-seed'], ['transaction', 'transaction'], ['code', 'code'], ['input', 'input'],
    [`proof-${number}-0`, node], [`proof-${number}-1`, node], [`proof-${number}-2`, node], [`proof-${number}-3`, node],
    [`proof-${number}-4`, node], [`key-${number}`, node],
  ];
  for (const [part, step] of cases) {
    await page.getByLabel('Part').selectOption(part);
    await page.getByRole('button', { name: 'Flip one bit' }).click();
    await page.locator('[data-verdict="fails"]').waitFor(WAIT);
    const failing = await page.locator('.step.fails').first().getAttribute('data-step');
    assert.ok(failing.startsWith(step), `${part}: the first step that fails is ${failing}`);
    // Every attestation is bound to the outcome: none holds for another body.
    if (part === 'body') assert.equal(await page.locator('.step.holds[data-step^="node-"]').count(), 0);
    if (part === `proof-${number}-0`) {
      await accessible(page, 'a forged proof');
      await page.screenshot({ path: `${folder}/forged.png` });
    }
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.locator('[data-verdict="holds"]').waitFor(WAIT);
  }
});

await test('a draw with tickets is verified, and a forged ticket turns its step red', async () => {
  await show(page, `verify/${drawn}`, `Verify request #${drawn}`);
  await page.locator('[data-verdict="holds"]').waitFor(WAIT);
  const step = page.locator('[data-step="beacon-draw"]');
  assert.match(await step.getAttribute('class'), /holds/);
  const parts = await page.getByLabel('Part').locator('option').evaluateAll((options) => options.map((option) => option.value));
  const tickets = parts.filter((part) => part.startsWith('ticket-'));
  // Output, R, Hr and s of each ticket; each node of the demo has an operator of its own.
  assert.ok(tickets.length >= 12, `${tickets.length} parts of tickets can be forged`);
  const node = tickets[0].split('-')[1];
  for (const part of [...tickets.filter((part) => part.split('-')[1] === node), ...(parts.includes('beacon') ? ['beacon'] : [])]) {
    await page.getByLabel('Part').selectOption(part);
    await page.getByRole('button', { name: 'Flip one bit' }).click();
    await page.locator('[data-verdict="fails"]').waitFor(WAIT);
    const failing = await page.locator('.step.fails').evaluateAll((steps) => steps.map((step) => step.dataset.step));
    assert.deepEqual(failing, [part === 'beacon' ? 'epoch-seed' : 'beacon-draw'], part);
    await page.getByRole('button', { name: 'Restore' }).click();
    await page.locator('[data-verdict="holds"]').waitFor(WAIT);
  }
  // The seed that the contract says came of the tickets is what every output was drawn with.
  await page.getByLabel('Part').selectOption('seed');
  await page.getByRole('button', { name: 'Flip one bit' }).click();
  await page.locator('[data-step="beacon-draw"].fails').waitFor(WAIT);
  await page.getByRole('button', { name: 'Restore' }).click();
});

await test('what the relay counted by epoch is on the page, and without a relay the newest results are', async () => {
  await show(page, 'nodes', 'Nodes');
  await ready(page, '% agree');
  const reader = await open();
  await reader.route('**/v1/epochs*', (route) => route.abort());
  await show(reader, 'nodes', 'Nodes');
  await ready(reader, 'A relay knows them all');
  await reader.context().close();
});

await test('the engine that is announced is on the page, with its epoch and the stake that is ready for it', async () => {
  await show(page, 'network', 'Network');
  const card = page.locator('section', { has: page.locator('h2', { hasText: /^Engines$/ }) });
  await card.waitFor(WAIT);
  assert.match(await card.textContent(), /Now\s*any engine counts/);
  // What scripts/test-explorer.sh has announced; no node declares it.
  await card.locator('.mono', { hasText: '77'.repeat(32) }).waitFor(WAIT);
  assert.match(await card.textContent(), /from epoch \d+ on; it is epoch \d+/);
  assert.match(await card.textContent(), /0 of 5 units \(0 %\) are ready, 100 % needed\s*it waits for stake/);
});

await test('heights that a relay does not have are named on the page', async () => {
  const reader = await open();
  await reader.route('**/tx_search*', (route) => route.fulfill({ json: { error: { message: 'transaction indexing is disabled' } } }));
  await reader.route(/\/v1\/history\?limit=1$/, async (route) => {
    const answer = await (await route.fetch()).json();
    assert.deepEqual(answer.missing, [], 'the demo\'s relay has read everything');
    await route.fulfill({ json: { ...answer, missing: [{ from: 1, to: 9, reason: 'pruned' }] } });
  });
  await show(reader, 'network', 'Network');
  await ready(reader, 'Blocks 1 to 9 are not known');
  assert.deepEqual(reader.faults, []);
  await reader.context().close();
});

await test('the relay streams events that resume, shows itself to no stranger\'s page, and names what may be kept', async () => {
  const relay = address.replace(/\/$/, '');
  const history = await (await fetch(`${relay}/v1/history?event=gateway-request-fulfilled&limit=100`)).json();
  const [first, second] = history.items;
  const stream = await fetch(`${relay}/v1/events?event=gateway-request-fulfilled`, { headers: { 'last-event-id': String(first.id) } });
  const reader = stream.body.getReader();
  let text = '';
  while (!text.includes('\n\n')) text += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  assert.match(text, new RegExp(`^id: ?${second.id}$`, 'm'), 'the event after the last one received');
  const evidence = `${relay}/v1/results/1/evidence`;
  const found = await fetch(evidence);
  assert.match(found.headers.get('cache-control'), /immutable/);
  const again = await fetch(evidence, { headers: { 'if-none-match': found.headers.get('etag') } });
  assert.equal(again.status, 304);
  const stranger = await fetch(evidence, { headers: { origin: 'https://stranger.example' } });
  assert.equal(stranger.headers.get('access-control-allow-origin'), null);
  const policy = (await fetch(address)).headers.get('content-security-policy');
  assert.match(policy, /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'/);
});

await test('everything can be reached and used by keyboard alone', async () => {
  const typist = await open();
  await show(typist, 'overview', 'Overview');
  await ready(typist, '#/request/');
  const focused = () => typist.evaluate(() => document.activeElement?.textContent?.trim() ?? '');
  await typist.keyboard.press('Tab');
  assert.equal(await focused(), 'Skip to the content');
  for (let i = 0; i < 20 && (await focused()) !== 'Verify'; i++) await typist.keyboard.press('Tab');
  await typist.keyboard.press('Enter');
  await typist.locator('h1', { hasText: 'Verify a result' }).waitFor(WAIT);
  assert.equal(await focused(), 'Verify a result', 'reading goes on at the heading');
  await typist.keyboard.press('Tab');
  await typist.keyboard.type('1');
  await typist.keyboard.press('Enter');
  await typist.locator('[data-verdict="holds"]').waitFor(WAIT);
  for (let i = 0; i < 20 && (await focused()) !== 'Flip one bit'; i++) await typist.keyboard.press('Tab');
  await typist.keyboard.press('Enter');
  await typist.locator('[data-verdict="fails"]').waitFor(WAIT);
  assert.deepEqual(typist.faults, []);
  await typist.context().close();
});

await test('the console stays empty and no third host is asked', async () => {
  assert.deepEqual(page.faults, []);
  assert.deepEqual([...page.hosts], ['127.0.0.1']);
});

await browser.close();
console.log(`${passed} passed, 0 failed`);
