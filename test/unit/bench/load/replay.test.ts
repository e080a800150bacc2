import assert from 'node:assert/strict';
import { test } from 'node:test';
import { replayedRequests } from '../../../../bench/load/replay.ts';

test('a recording becomes requests to its apps', () => {
  assert.deepEqual(replayedRequests('{"app":"a","body":{"input":[1]}}\n{"app":"b","at_ms":1,"body":{}}\n', 'h:1'), [
    { path: '/v1/apps/a/predict', host: 'h:1', body: '{"input":[1]}', contentType: 'application/json' }, { path: '/v1/apps/b/predict', host: 'h:1', body: '{}', contentType: 'application/json' },
  ]);
});

test('what cannot be played is said', () => {
  assert.throws(() => replayedRequests('x', 'h'), /line 1 of the recording is no JSON object/u);
  assert.throws(() => replayedRequests('', 'h'), /is empty/u);
  assert.throws(() => replayedRequests('{"body":{}}', 'h'), /request 1 of the recording names no app/u);
});
