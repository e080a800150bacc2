import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordedLine } from '../../../../../frontend/domain/recording.ts';
import { RECORDING_ROUTES, recordingRoutes } from '../../../../../frontend/http/admin/recordings.ts';
import { AdminDoor } from '../../../../support/admin-door.ts';

const PATH = '/admin/apps/gone/recording';

test('what was recorded of one value of a context key goes, and the audit does not say which value', async () => {
  const door = await AdminDoor.open();
  for (const context of [{ user: 'ann' }, { user: 'bob' }, { user: 'ann', more: 1 }]) door.recorded.push(recordedLine({ app: 'gone', body: JSON.stringify({ input: [1], context }) }));
  assert.deepEqual((await door.call('DELETE', `${PATH}?key=user&value=ann`)).body, { app: 'gone', removed: 2 });
  assert.deepEqual([door.asked, door.store.records.at(-1)?.detail], [['gone'], { key: 'user', removed: 2 }]);
  for (const query of ['', '?key=user', '?value=ann', '?key=&value=ann', '?key=user&value=ann&x=1']) assert.equal((await door.call('DELETE', `${PATH}${query}`)).status, 400, query);
  assert.equal(await door.codeOf('DELETE', '/admin/apps/..%2fx/recording?key=user&value=ann'), 'invalid_field');
  assert.deepEqual([RECORDING_ROUTES.length, typeof recordingRoutes], [1, 'function']);
});
