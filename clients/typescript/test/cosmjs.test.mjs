// The Node example against a network of this machine: cosmjs sends the request, five nodes answer, the result is read.
// CLIENT_TEST_GATEWAY names the gateway binary; without it the test is skipped.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

const program = process.env.CLIENT_TEST_GATEWAY;
const skip = program ? false : 'CLIENT_TEST_GATEWAY is not set';
let home;
let network;

before(async () => {
  if (!program) return;
  home = await mkdtemp(join(tmpdir(), 'gateway-client-'));
  network = spawn(program, ['demo', '--keep', '--home', home], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(network.stdout)) if (line.startsWith('everything keeps running')) return;
  throw new Error('the network did not come up');
});

after(async () => {
  if (!network) return;
  const ended = new Promise((resolve) => network.once('exit', resolve));
  network.kill('SIGINT');
  await ended;
  await rm(home, { recursive: true, force: true });
});

test('cosmjs asks a project and reads what five nodes agreed on', { skip }, async () => {
  const file = join(home, 'network.toml');
  const { stdout } = await promisify(execFile)(process.execPath, ['.build/example.mjs', file, '1', '{"a": 20, "b": 22}']);
  const answer = JSON.parse(stdout);
  assert.equal(answer.value, 42);
  assert.ok(answer.seats >= 3, stdout);
});

test('pages of any origin may speak to the chain of a local network', { skip }, async () => {
  const [, rpc] = /^rpc = "(.*)"$/m.exec(await readFile(join(home, 'network.toml'), 'utf8'));
  const headers = { origin: 'http://page.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' };
  const answer = await fetch(rpc, { method: 'OPTIONS', headers });
  assert.equal(answer.headers.get('access-control-allow-origin'), '*');
  assert.ok(answer.headers.get('access-control-allow-headers'));
});
