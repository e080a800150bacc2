import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventStreamParser } from '../../../../frontend/dashboard/event-stream.ts';

const TEXT = 'event: state\ndata: {"at":1}\n\n: a comment\n\nevent: tick\ndata: {"at":2}\n\ndata: x\n\n';

test('a stream says the same however it is cut', () => {
  const whole = new EventStreamParser().push(TEXT);
  assert.deepEqual(whole, [{ name: 'state', data: '{"at":1}' }, { name: 'tick', data: '{"at":2}' }, { name: 'message', data: 'x' }]);
  for (let cut = 0; cut <= TEXT.length; cut++) {
    const parser = new EventStreamParser();
    assert.deepEqual([...parser.push(TEXT.slice(0, cut)), ...parser.push(TEXT.slice(cut))], whole, `cut at ${cut}`);
  }
});

test('an event that has not ended is not told', () => {
  assert.deepEqual(new EventStreamParser().push('event: tick\ndata: {}\n'), []);
});
