import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeaderMemo } from '../../../protos/header-memo.ts';

function counting() {
  const read: string[] = [];
  const memo = new HeaderMemo((packed) => {
    const text = Buffer.from(packed).toString('latin1');
    read.push(text);
    return { text };
  });
  return { read, ask: (text: string) => memo.header(Buffer.from(`..${text}..`), 2, 2 + text.length) as { text: string } };
}

test('bytes that come again are read once, and give the same object; others give their own', () => {
  const { read, ask } = counting();
  const first = ask('abc');
  assert.equal(ask('abc'), first);
  assert.deepEqual(ask('abd'), { text: 'abd' });
  assert.deepEqual(ask('ab'), { text: 'ab' });
  assert.deepEqual(ask('abc'), { text: 'abc' });
  assert.deepEqual(read, ['abc', 'abd', 'ab', 'abc']);
});

test('what it remembers is bounded, in length and in number', () => {
  const { read, ask } = counting();
  const long = 'x'.repeat(4097);
  assert.deepEqual(ask(long), ask(long));
  assert.equal(read.length, 2);
  for (let length = 1; length <= 65; length++) ask('y'.repeat(length));
  ask('y'.repeat(65));
  assert.equal(read.length, 67);
  ask('y');
  assert.equal(read.length, 68);
});

test('what cannot be read throws, and what came before stays known', () => {
  const memo = new HeaderMemo((packed) => {
    if (packed[0] === 0) throw new Error('broken');
    return { first: packed[0] };
  });
  const good = memo.header(Buffer.of(1, 2), 0, 2);
  assert.throws(() => memo.header(Buffer.of(0, 2), 0, 2), /broken/);
  assert.equal(memo.header(Buffer.of(1, 2), 0, 2), good);
});
