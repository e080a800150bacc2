import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adminSelection } from '../../../frontend/admin-selection.ts';
import { DerivedKeys } from '../../../frontend/serving/decisions/receipt.ts';
import { Road } from '../../support/road.ts';
import { makeApp, makeModel } from '../../support/specs.ts';

function open(holds = true) {
  const road = new Road([makeModel(), makeModel({ name: 'n' })], [makeApp({ arms: ['m', 'n'], policy: 'thompson', contextKey: 'user' }), makeApp({ name: 'plain', arms: ['m', 'n'], policy: 'thompson' })]);
  const done: string[] = [];
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const selection = adminSelection({
    apps: road.apps, clock: road.clock, keys: new DerivedKeys(new Uint8Array(32)), log: { debug: () => undefined, info: (fields) => done.push(JSON.stringify(fields)), warn: () => undefined, error: () => undefined },
    learning: {
      reset: async (app) => void done.push(`reset ${app}`), hold: async (app, context) => done.push(`hold ${app} ${hex(context)}`) > 0 && holds,
      forgetKey: async (app, context) => void done.push(`forget ${app} ${hex(context)}`), feedback: undefined as never,
    },
  });
  return { selection, done, ann: hex(new DerivedKeys(new Uint8Array(32)).hashContext('ann')) };
}

test('a context key is looked at once it is held, and forgotten by its hash; its value is in no log', async () => {
  const { selection, done, ann } = open();
  assert.equal((await selection.keyView('a', 'ann'))?.policy, 'thompson');
  assert.equal(await selection.forgetKey('a', 'ann'), true);
  assert.deepEqual(done, [`hold a ${ann}`, `forget a ${ann}`, '{"app":"a"}']);
});

test('apps that there are not, and such that do not learn by key, have none', async () => {
  const { selection, done } = open();
  for (const app of ['plain', 'nobody']) assert.deepEqual([await selection.keyView(app, 'ann'), await selection.forgetKey(app, 'ann')], [undefined, false]);
  assert.deepEqual([selection.view('nobody'), await selection.reset('nobody'), done], [undefined, false, []]);
  assert.equal(await selection.reset('plain'), true);
});

test('a store that cannot give the key is said', async () => {
  await assert.rejects(open(false).selection.keyView('a', 'ann'), { name: 'StoreFault' });
});
