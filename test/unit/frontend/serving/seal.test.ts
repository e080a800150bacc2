import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../../frontend/domain/decision.ts';
import { DecisionIds, DerivedKeys, Receipts } from '../../../../frontend/serving/decisions/receipt.ts';
import { Seal } from '../../../../frontend/serving/seal.ts';
import { makeQuery } from '../../../support/queries.ts';
import { Road } from '../../../support/road.ts';
import { makeApp, makeModel } from '../../../support/specs.ts';

const JOURNAL = { keep: true, required: false, maxAgeMs: 1e9, maxBytes: 1e9 };

test('the hash of a context is that of its value, by the key that is for contexts: another signing key changes nothing', () => {
  const road = new Road([makeModel()], [makeApp({ contextKey: 'user' })]);
  const app = road.apps.get('a');
  assert.ok(app);
  const hashOf = (keys: DerivedKeys, context: Record<string, unknown> | undefined): string => {
    const seal = new Seal({ receipts: road.receipts, ids: new DecisionIds(Buffer.alloc(6)), keys, epochOffsetMicros: 0, journal: { refusal: () => undefined, record: () => 'none' } });
    return Buffer.from(seal.contextHash(app, context === undefined ? {} : { context }) ?? []).toString('hex');
  };
  const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const ann = hashOf(new DerivedKeys(first), { user: 'ann' });
  assert.equal(ann.length, 16);
  assert.equal(hashOf(new DerivedKeys(second, first), { user: 'ann' }), ann);
  assert.notEqual(hashOf(new DerivedKeys(second), { user: 'ann' }), ann);
  assert.equal(hashOf(new DerivedKeys(first), { user: 7 }), hashOf(new DerivedKeys(first), { user: '7' }));
  assert.deepEqual([hashOf(new DerivedKeys(first), { other: 1 }), hashOf(new DerivedKeys(first), undefined)], ['', '']);
});

test('the receipt says what became of the record, and the record carries the receipt\'s id and context', () => {
  const road = new Road([makeModel()], [makeApp({ contextKey: 'user', journal: JOURNAL })]);
  const app = road.apps.get('a');
  assert.ok(app);
  const records: Decision[] = [];
  const receipts = new Receipts([{ number: 1, secret: Buffer.alloc(32, 1) }]);
  const seal = new Seal({
    receipts, ids: new DecisionIds(Buffer.alloc(6, 3)), keys: new DerivedKeys(Buffer.alloc(32, 1)), epochOffsetMicros: 7_000_000,
    journal: { refusal: () => undefined, record: (decision) => (records.push(decision) > 1 ? 'dropped' : 'kept') },
  });
  const query = makeQuery(road.slabs, { context: { user: 'ann' } });
  const first = receipts.open(seal.sealMiss(app, query, 0));
  const second = receipts.open(seal.sealMiss(app, makeQuery(road.slabs), 1));
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual([first.journal, second.journal, first.defaulted, first.pinned, first.atEpochMs], ['kept', 'dropped', true, false, 7000]);
  assert.deepEqual(Buffer.from(records[0]?.id ?? []), Buffer.from(first.id));
  assert.notDeepEqual(records[0]?.id, records[1]?.id);
  assert.deepEqual(Buffer.from(records[0]?.contextHash ?? []), Buffer.from(first.context));
  assert.equal(records[1]?.contextHash, undefined);
});

test('an app that keeps no decisions records none', () => {
  const road = new Road([makeModel()], [makeApp()]);
  const app = road.apps.get('a');
  assert.ok(app);
  const receipts = new Receipts([{ number: 1, secret: Buffer.alloc(32, 1) }]);
  const seal = new Seal({
    receipts, ids: new DecisionIds(Buffer.alloc(6, 3)), keys: new DerivedKeys(Buffer.alloc(32, 1)), epochOffsetMicros: 0,
    journal: { refusal: () => undefined, record: () => assert.fail('recorded') },
  });
  assert.equal(receipts.open(seal.sealMiss(app, makeQuery(road.slabs), 0))?.journal, 'none');
});
