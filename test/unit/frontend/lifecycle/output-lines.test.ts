import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputLines } from '../../../../frontend/lifecycle/output-lines.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function lines(maxBytesPerSecond = 1_000_000) {
  const clock = new VirtualClock();
  const passed: string[] = [];
  let [dropped, floods] = [0, 0];
  const limits = { maxLineChars: 10, maxLinesPerSecond: 3, keptLines: 2, maxBytesPerSecond };
  const output = new OutputLines(clock, (line) => passed.push(line), { ...limits, onDropped: (count) => void (dropped += count), onFlood: () => void floods++ });
  const stream = output.stream();
  return { clock, passed, output, dropped: () => dropped, floods: () => floods, print: (text: string | Uint8Array) => stream(Buffer.from(text as string)), end: () => stream(undefined) };
}

test('lines are put together from what comes, in UTF-8, and the last one needs no end', () => {
  const { passed, print, end } = lines();
  const word = Buffer.from('grü\n');
  print(word.subarray(0, 3));
  print(word.subarray(3));
  print('a\n\nb');
  end();
  assert.deepEqual(passed, ['grü', 'a', 'b']);
});

test('escape codes and control characters are taken out', () => {
  const { passed, print } = lines();
  print('\u001b[31mred\u001b[0m\r\n\u001b]0;title\u0007x\u0000\ty\n\u001b[2J\n');
  assert.deepEqual(passed, ['red', 'x  y']);
});

test('a long line is cut, whether or not its end ever comes', () => {
  const { passed, print } = lines();
  print('0123456789abc\n');
  for (let i = 0; i < 6; i++) print('x'.repeat(8));
  assert.equal(passed.length, 2);
  print('tail\nnext\n');
  assert.deepEqual(passed, ['0123456789…', 'xxxxxxxxxx…', 'next']);
});

test('escape codes are looked for in no more than twice what is shown', () => {
  const { passed, print } = lines();
  print(`${'\u001b[31m'.repeat(3)}red, and never seen\n`);
  assert.deepEqual(passed, ['red,']);
});

test('past the rate lines are counted, not passed on; the last ones are kept all the same', () => {
  const { clock, passed, print, output, dropped } = lines();
  print('1\n2\n3\n4\n5\n');
  assert.deepEqual(passed, ['1', '2', '3']);
  assert.deepEqual([output.kept(), output.printed, dropped()], [['4', '5'], 5, 2]);
  clock.advance(1_000_000);
  print('6\n');
  assert.deepEqual(passed.slice(3), ['(2 lines more than 3 a second were left out)', '6']);
});

test('a flood is told once, when it begins; it is over after a second without', () => {
  const { clock, print, floods } = lines();
  const second = (count: number): number => {
    print('x\n'.repeat(count));
    clock.advance(1_000_000);
    return floods();
  };
  assert.deepEqual([3, 4, 9, 3, 3, 4, 4].map(second), [0, 1, 1, 1, 1, 2, 2]);
  clock.advance(5_000_000);
  assert.equal(second(4), 3);
});

test('the lines of a flood are counted as if each had come alone', () => {
  const text = Array.from({ length: 40 }, (_, i) => `${i}\n${'\n'.repeat(i % 3)}`).join('');
  for (const size of [1, 7, 33, text.length]) {
    const { passed, print, end, output, dropped } = lines();
    for (let at = 0; at < text.length; at += size) print(text.slice(at, at + size));
    print('half');
    end();
    assert.deepEqual([passed, output.printed, dropped(), output.kept()], [['0', '1', '2'], 41, 38, ['39', 'half']], `in pieces of ${size}`);
  }
});

test('whoever prints more than may be read is told when it is read again, and the operator is told once', () => {
  const { clock, passed, print } = lines(1000);
  const chunk = '\n'.repeat(60);
  assert.equal(print(chunk), undefined, 'a burst');
  assert.equal(print(chunk), clock.now() + 20_000);
  assert.equal(print(chunk), clock.now() + 80_000);
  assert.deepEqual(passed, ['(it prints more than 1000 bytes a second: from here on it waits in its print when it does)']);
  clock.advance(180_000);
  assert.equal(print(chunk), undefined);
});
