// The words for an engine plan: how much stake is ready, and whether that is enough.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Engines } from '../src/chain/types';
import { able, readiness } from '../src/state/engines';

const plan: Engines = {
  epoch: 7,
  engine: { jitless: 'aa', jit: 'bb' },
  since_epoch: 3,
  next_engine: { jitless: 'cc', jit: 'dd' },
  from_epoch: 9,
  min_ready_bps: 8000,
  able_units: 5,
  ready_units: 3,
  total_units: 5,
};

test('units that are ready are compared with those that are needed', () => {
  assert.deepEqual(readiness(plan), { enough: false, words: '3 of 5 units (60 %) are ready, 80 % needed' });
  assert.equal(readiness({ ...plan, ready_units: 4 })?.enough, true, 'exactly enough');
  assert.equal(readiness({ ...plan, ready_units: 0, total_units: 0 })?.words, '0 of 0 units are ready, 80 % needed');
  assert.equal(able(plan), '5 of 5 units (100 %) can run it');
});

test('without an engine that is announced nothing has to be ready', () => {
  assert.equal(readiness({ ...plan, next_engine: null, from_epoch: null }), undefined);
});
