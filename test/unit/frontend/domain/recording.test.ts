import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOfContext, readRecording, recordedLine } from '../../../../frontend/domain/recording.ts';

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

test('a line is of a context when it was asked with that value, as text, under that key', () => {
  const line = (context: unknown): string => recordedLine({ body: JSON.stringify({ input: 1, context }) });
  const isOfSeven = (one: string): boolean => isOfContext(one, { key: 'user', value: '7' });
  assert.deepEqual([{ user: '7' }, { user: 7 }, { user: '77' }, { other: '7' }, [7], null, 'user'].map((context) => isOfSeven(line(context))), [true, true, false, false, false, false, false]);
  assert.deepEqual([recordedLine({ body: '{}' }), 'no JSON', ''].map(isOfSeven), [false, false, false]);
});
