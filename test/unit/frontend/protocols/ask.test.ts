import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askOfHeaders, guarded, isFailure, queryOf, readContext, type Ask } from '../../../../frontend/protocols/ask.ts';
import { appView } from '../../../support/http-door.ts';
import { servedModel } from '../../../support/tfs-world.ts';

const of = (headers: Readonly<Record<string, string>>): ReturnType<typeof askOfHeaders> => askOfHeaders((name) => headers[name]);
const ROWS = { columns: [], rows: 2, batchKey: 'k' };

test('headers say objective, priority and context', () => {
  assert.deepEqual(of({}), {});
  assert.deepEqual(of({ 'tradewind-slo-ms': '20', 'tradewind-priority': 'sheddable', 'tradewind-context': '{"user":"ann"}' }), { sloMs: 20, priority: 2, context: { user: 'ann' } });
  for (const wrong of [{ 'tradewind-priority': 'urgent' }, { 'tradewind-context': '[1]' }, { 'tradewind-context': '{' }]) assert.ok(isFailure(of(wrong)));
  assert.equal(readContext(`{"a":"${'x'.repeat(70_000)}"}`), undefined);
});

test('a query is due an objective after its arrival, and patience only ever shortens that', () => {
  const served = servedModel('m', [], undefined);
  const asked = (ask: Ask, patienceMicros?: number): ReturnType<typeof queryOf> => queryOf(served, ROWS, { slot: 7, arrivedAtMicros: 100, ask, ...(patienceMicros === undefined ? {} : { patienceMicros }) });
  const query = asked({ sloMs: 20, priority: 0, context: { a: 1 } }, 5_000);
  assert.ok(!isFailure(query));
  assert.deepEqual([query.sloMicros, query.deadlineAtMicros, query.priority, query.context, query.pin, query.app], [5_000, 5_100, 0, { a: 1 }, { model: 'm' }, 'm']);
  const patient = asked({}, 9e9);
  assert.ok(!isFailure(patient) && patient.sloMicros === 1_000_000 && patient.priority === undefined);
  for (const sloMs of [0, 0.5, 60_001, Number.NaN]) {
    const refused = asked({ sloMs });
    assert.ok(isFailure(refused) && refused.code === 'invalid_slo');
  }
});

test('access to one of the guards is access; without guards everybody has it', () => {
  const guards = [appView('a', []).spec, appView('b', []).spec];
  const access = { refusal: ({ name }: { name: string }, token: string | undefined) => (token === name ? undefined : { code: 'forbidden' as const, message: '' }) };
  const served = servedModel('m', [], undefined, { guards });
  assert.equal(guarded(served, access, 'b'), undefined);
  assert.equal(guarded(served, access, undefined)?.code, 'forbidden');
  assert.equal(guarded(servedModel('m', [], undefined), access, undefined), undefined);
});
