import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UnreadAnswers } from '../../../../frontend/grpc/unread-answers.ts';
import { AnsweredStreamDouble, SessionDouble } from '../../../support/http2-doubles.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function world(mostBytes: number) {
  const clock = new VirtualClock();
  const dropped: string[] = [];
  const unread = new UnreadAnswers({ clock, mostBytes, stallMs: 4000, onDropped: (why) => dropped.push(why) });
  const open = (session = new SessionDouble()) => {
    const stream = new AnsweredStreamDouble(session);
    const answers = unread.of(stream.asStream);
    assert.ok(answers !== undefined);
    return { session, stream, answers };
  };
  return { clock, dropped, unread, open };
}

test('one connection may have a quarter, and all streams of it share that', () => {
  const { dropped, unread, open } = world(400);
  const first = open();
  assert.deepEqual([first.answers.add(60), open(first.session).answers.add(60), open(first.session).answers.add(1), open().answers.add(1)], [true, true, false, true]);
  assert.deepEqual([unread.bytes, dropped], [121, ['connection_full']]);
});

test('where all together have too much, the connection with the most is ended, and those who read go on', async () => {
  const { dropped, unread, open } = world(400);
  const slow = [90, 95, 80, 90, 60].map((bytes) => {
    const opened = open();
    opened.answers.add(bytes);
    return opened;
  });
  assert.equal(dropped.length, 0, 'the last one filled it');
  const reader = open();
  assert.equal(reader.answers.add(10), true);
  await nextTurn();
  assert.deepEqual([reader.session.destroyed, slow.map(({ session }) => session.destroyed), dropped, unread.bytes], [false, [false, true, false, false, false], ['door_full'], 330]);
});

test('a stream on which nothing moves for the time of a stall is reset; more to read gives more time', () => {
  const { clock, dropped, unread, open } = world(10_000_000);
  const [still, long, moving] = [open(), open(), open()];
  still.answers.add(1000);
  // 10 s at the least rate.
  long.answers.add(640_000);
  moving.answers.add(10);
  for (let second = 1; second <= 4; second++) {
    clock.advance(1_000_000);
    moving.answers.add(10);
    moving.answers.taken(10);
  }
  assert.deepEqual(dropped, []);
  clock.advance(1_000_000);
  assert.deepEqual([still.stream.destroyed, long.stream.destroyed, moving.stream.destroyed, dropped], [true, false, false, ['stalled']]);
  still.answers.end();
  moving.stream.writableFinished = true;
  moving.answers.end();
  clock.advance(9_000_000);
  assert.equal(long.stream.destroyed, false);
  clock.advance(1_000_000);
  assert.deepEqual([long.stream.destroyed, dropped], [true, ['stalled', 'stalled']]);
  unread.close();
  assert.equal(clock.pending, 0);
});

test('it looks only while answers wait', () => {
  const { clock, unread, open } = world(1000);
  assert.equal(clock.pending, 0);
  const { stream, answers } = open();
  answers.add(1);
  stream.writableFinished = true;
  answers.end();
  assert.deepEqual([unread.bytes, clock.pending], [0, 1]);
  clock.advance(1_000_000);
  assert.equal(clock.pending, 0);
});

test('whose connection has gone has nothing', () => {
  const { unread, open } = world(1000);
  const { session, stream } = open();
  session.destroyed = true;
  assert.equal(unread.of(stream.asStream), undefined);
});

test('a stream whose answers wait for an earlier one has not stalled; its time begins when they are written', () => {
  const { clock, dropped, unread, open } = world(1000);
  const { stream, answers } = open();
  answers.hold(100);
  clock.advance(60_000_000);
  assert.deepEqual([stream.destroyed, dropped], [false, []]);
  answers.letGo(100);
  clock.advance(4_000_000);
  assert.equal(stream.destroyed, false);
  clock.advance(1_000_000);
  assert.deepEqual([stream.destroyed, dropped], [true, ['stalled']]);
  unread.close();
});
