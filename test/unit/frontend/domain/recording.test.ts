import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecording, recordedLine } from '../../../../frontend/domain/recording.ts';

test('what is written is read again, digit for digit', () => {
  const request = { app: 'digits', atEpochMs: 5, body: '{"input":[9007199254740993,0.10]}' };
  assert.equal(recordedLine(request), '{"app":"digits","at_ms":5,"body":{"input":[9007199254740993,0.10]}}');
  assert.deepEqual(readRecording(`${recordedLine(request)}\n\n${recordedLine({ body: '{}' })}\n`), { faults: [], requests: [request, { body: '{}' }] });
});

test('a body by hand may stand anywhere in its line', () => {
  assert.deepEqual(readRecording('{ "body": {"input": [1]}, "app": "a" }').requests, [{ app: 'a', body: '{"input":[1]}' }]);
  assert.deepEqual(readRecording('{"app":"a","body" : {"input": [1]}}').requests, [{ app: 'a', body: '{"input":[1]}' }]);
});

test('lines that are none are named; no more are read than asked for', () => {
  const text = ['nonsense', '[1]', '{"app":"a"}', '{"body":[]}', '{"body":{},"app":1}', '{"body":{},"at_ms":"x"}', '{"body":{}}', '{"body":{}}'].join('\n');
  const { faults, requests } = readRecording(text);
  assert.deepEqual(faults.map(({ line }) => line), [1, 2, 3, 4, 5, 6]);
  assert.equal(requests.length, 2);
  assert.equal(readRecording(text, 1).requests.length, 1);
});
