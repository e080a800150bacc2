import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OutputLines } from '../../../../frontend/lifecycle/output-lines.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function lines() {
  const clock = new VirtualClock();
  const passed: string[] = [];
  const output = new OutputLines(clock, (line) => passed.push(line), { maxLineChars: 10, maxLinesPerSecond: 3, keptLines: 2 });
  const stream = output.stream();
  return { clock, passed, output, print: (text: string | Uint8Array) => stream(Buffer.from(text as string)), end: () => stream(undefined) };
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
  for (let i = 0; i < 5; i++) print('x'.repeat(8));
  print('tail\nnext\n');
  assert.deepEqual(passed, ['0123456789…', 'xxxxxxxxxx…', 'next']);
});

test('past the rate lines are counted, not passed on; the last ones are kept all the same', () => {
  const { clock, passed, print, output } = lines();
  print('1\n2\n3\n4\n5\n');
  assert.deepEqual(passed, ['1', '2', '3']);
  assert.deepEqual([output.kept(), output.printed], [['4', '5'], 5]);
  clock.advance(1_000_000);
  print('6\n');
  assert.deepEqual(passed.slice(3), ['(2 lines more than 3 a second were left out)', '6']);
});
