import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OrderedAnswers } from '../../../../frontend/grpc/ordered-answers.ts';
import type { StreamCall } from '../../../../frontend/grpc/stream-call.ts';

function open(takes: (words: string) => boolean = () => true) {
  const done: string[] = [];
  const told = (what: string) => (message: Buffer): boolean => done.push(`${what} ${message.toString()}`) > 0 && takes(message.toString());
  const call = { send: told('send'), sendHeld: told('late'), hold: told('hold') };
  const answers = new OrderedAnswers(call as unknown as StreamCall);
  return { done, answers };
}

test('answers go out in the order of their places, and count from when they are there', () => {
  const { done, answers } = open();
  const [a, b, c, d] = [answers.place(), answers.place(), answers.place(), answers.place()];
  answers.give(c, Buffer.from('c'));
  answers.give(b, Buffer.from('b'));
  assert.deepEqual([done, answers.open], [['hold c', 'hold b'], 4]);
  answers.give(a, Buffer.from('a'));
  assert.deepEqual([done.slice(2), answers.open], [['send a', 'late b', 'late c'], 1]);
  answers.give(d, Buffer.from('d'));
  assert.deepEqual([done.slice(5), answers.open], [['send d'], 0]);
});

test('a caller that takes one of them not at once is told of, though it took the last', () => {
  const { answers } = open((words) => words !== 'b');
  const [a, b, c] = [answers.place(), answers.place(), answers.place()];
  assert.deepEqual([answers.give(b, Buffer.from('b')), answers.give(c, Buffer.from('c'))], [true, true], 'what is held waits for us');
  assert.equal(answers.give(a, Buffer.from('a')), false);
});
