import assert from 'node:assert/strict';
import { constants, type Http2Session } from 'node:http2';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type AnswersHost, ConnectionAnswers, StreamAnswers } from '../../../../frontend/grpc/connection-answers.ts';
import { AnsweredStreamDouble, SessionDouble } from '../../../support/http2-doubles.ts';

interface World {
  readonly session: SessionDouble;
  readonly connection: ConnectionAnswers;
  readonly told: string[];
  readonly total: () => number;
  readonly open: () => { stream: AnsweredStreamDouble; answers: StreamAnswers };
}

function world(moved: (connection: ConnectionAnswers) => void = () => {}): World {
  const told: string[] = [];
  let total = 0;
  const host: AnswersHost = {
    mostBytes: 100, looks: () => 7, moved: (bytes) => {
      total += bytes;
      if (bytes > 0) moved(connection);
    },
    waits: () => told.push('waits'), waitsNoMore: () => told.push('no more'), onFull: () => told.push('full'),
  };
  const session = new SessionDouble();
  const connection = new ConnectionAnswers(session as unknown as Http2Session, host);
  const open = () => {
    const stream = new AnsweredStreamDouble(session);
    return { stream, answers: new StreamAnswers(stream.asStream, connection) };
  };
  return { session, connection, told, total: () => total, open };
}

test('answers count until they have gone out, one by one or with their stream', () => {
  const { connection, told, total, open } = world();
  const [one, other] = [open(), open()];
  assert.deepEqual([one.answers.add(30), one.answers.add(20), other.answers.add(10), total()], [true, true, true, 60]);
  one.answers.taken(30);
  assert.deepEqual([one.answers.bytes, one.answers.movedAt, connection.bytes], [20, 7, 30]);
  for (const { stream, answers } of [one, other]) {
    stream.writableFinished = true;
    answers.end();
  }
  assert.deepEqual([total(), told], [0, ['waits', 'no more']]);
});

test('a connection that has its share gets no further answer; one alone may be longer', () => {
  const { told, total, open } = world();
  const [one, other] = [open(), open()];
  assert.deepEqual([one.answers.add(5000), other.answers.add(1), total(), told], [true, false, 5000, ['waits', 'full']]);
});

test('bytes of a reset stream count until what was written before is out', () => {
  const { session, total, open } = world();
  const [one, other] = [open(), open()];
  one.answers.add(30);
  other.answers.add(20);
  one.answers.end();
  other.answers.end();
  assert.deepEqual([total(), session.pings.length], [50, 1], 'one ping at a time');
  session.pings[0]?.();
  one.answers.taken(30);
  one.answers.add(5);
  assert.deepEqual([total(), session.pings.length], [20, 2], 'once, whatever is written then, and whatever becomes of it');
  session.pings[1]?.();
  assert.deepEqual([total(), session.pings.length], [0, 2]);
});

test('nothing of a connection counts once it has closed, whatever its streams say then', () => {
  const { session, told, total, open } = world();
  const [one, adrift] = [open(), open()];
  one.answers.add(30);
  adrift.answers.add(20);
  adrift.answers.end();
  session.destroyed = true;
  session.emit('close');
  session.pings[0]?.();
  one.answers.taken(30);
  one.answers.end();
  assert.deepEqual([total(), told, session.pings.length], [0, ['waits', 'no more'], 1]);
});

test('streams that are stalled are reset, others are not', () => {
  const { connection, open } = world();
  const [one, other] = [open(), open()];
  one.answers.add(30);
  other.answers.add(20);
  connection.look(({ bytes }) => bytes === 30);
  assert.deepEqual([one.stream.resetBy, one.stream.destroyed, other.stream.resetBy, other.stream.destroyed], [constants.NGHTTP2_ENHANCE_YOUR_CALM, true, undefined, false]);
});

test('a connection that is cut holds nothing from then on, also where an answer of its own was too much, and ends once nothing of it is being read', async () => {
  const { session, told, total, open } = world((connection) => connection.cut());
  open().answers.add(30);
  assert.deepEqual([session.endedBy, total(), told], [undefined, 0, ['waits', 'no more']]);
  await nextTurn();
  assert.equal(session.endedBy, constants.NGHTTP2_ENHANCE_YOUR_CALM);
});

test('an answer that is held counts, and waits for the caller from when it is written', () => {
  const { connection, total, open } = world();
  const { stream, answers } = open();
  assert.equal(answers.hold(60), true);
  assert.deepEqual([answers.bytes, answers.unreadBytes, total()], [60, 0, 60]);
  answers.movedAt = 0;
  answers.letGo(60);
  assert.deepEqual([answers.bytes, answers.unreadBytes, answers.movedAt, connection.bytes], [60, 60, 7, 60]);
  answers.taken(60);
  assert.equal(answers.hold(200), true);
  assert.equal(answers.hold(1), false, 'the connection has its share');
  stream.writableFinished = true;
  answers.end();
  answers.letGo(200);
  assert.deepEqual([total(), answers.hold(5)], [0, true]);
});
