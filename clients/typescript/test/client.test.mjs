// The client against a chain that is played: what it asks, sends and returns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatewayClient } from '../.build/client.js';

const CONTRACT = 'archway1gateway';

function chain(statuses, body = { inline: { text: '[1,6]' } }) {
  const sent = [];
  const client = {
    async queryContractSmart(contract, query) {
      assert.equal(contract, CONTRACT);
      if (query.estimate_fee) return { denom: 'aarch', total: '7' };
      if (query.request) return { status: statuses.length > 1 ? statuses.shift() : statuses[0] };
      return { class: 'ok', body, seats: 3 };
    },
    async execute(...call) {
      sent.push(call);
      const attributes = [{ key: '_contract_address', value: CONTRACT }, { key: 'request', value: '12' }];
      return { events: [{ type: 'wasm-gateway-request-opened', attributes }] };
    },
  };
  return { client, sent };
}

test('a request is paid as the contract says and its number is returned', async () => {
  const { client, sent } = chain(['waiting']);
  const gateway = new GatewayClient(client, CONTRACT);
  assert.equal(await gateway.ask(client, 'archway1ada', 4, { count: 2 }), 12);
  const [, , message, , , funds] = sent[0];
  assert.deepEqual(message, { request: { project: 4, input: '{"count":2}', callback: null } });
  assert.deepEqual(funds, [{ denom: 'aarch', amount: '7' }]);
});

test('the result is awaited and its value read', async () => {
  const gateway = new GatewayClient(chain(['waiting', 'drawn', 'fulfilled']).client, CONTRACT);
  const ended = await gateway.waitForResult(12, { everyMs: 1 });
  assert.deepEqual(ended.status === 'fulfilled' && ended.value, [1, 6]);
});

test('an expiry, a body off the chain and an abort are told apart', async () => {
  const expired = new GatewayClient(chain(['expired']).client, CONTRACT);
  assert.deepEqual(await expired.waitForResult(1), { status: 'expired' });
  const hashed = new GatewayClient(chain(['fulfilled'], { hashed: { sha256: '00', size: 9 } }).client, CONTRACT);
  assert.equal('value' in await hashed.waitForResult(1), false);
  const open = new GatewayClient(chain(['waiting']).client, CONTRACT);
  await assert.rejects(open.waitForResult(1, { everyMs: 5, signal: AbortSignal.timeout(20) }), { name: 'TimeoutError' });
});
