import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnswerRow, OutputTensor } from '../../../../frontend/domain/answer.ts';
import { jsonRefusal, tensorBytes } from '../../../../frontend/http/json-bound.ts';

function row(...lengths: readonly (readonly [name: string, lengthBytes: number])[]): AnswerRow {
  const slab = { bytes: new Uint8Array() } as unknown as OutputTensor['slab'];
  return { source: 'model', output: { kind: 'tensors', tensors: lengths.map(([name, lengthBytes]) => ({ name, dtype: 'uint8', shape: [lengthBytes], slab, offset: 0, lengthBytes })) } };
}

test('the tensors of all rows count, of those that are wanted', () => {
  const rows = [row(['a', 10], ['b', 5]), { source: 'default', output: { kind: 'label', label: 7 } } as const, row(['a', 20])];
  assert.deepEqual([tensorBytes(rows), tensorBytes(rows, ['a']), tensorBytes(rows, ['b']), tensorBytes(rows, ['c']), tensorBytes([])], [35, 30, 5, 0, 0]);
});

test('what is over the bound is refused, and told what to ask for', () => {
  assert.equal(jsonRefusal(100, 100, 'Else.'), undefined);
  assert.deepEqual(jsonRefusal(101, 100, 'Ask in binary.'), { code: 'answer_too_large', message: 'The outputs have 101 bytes; JSON may hold 100. Ask in binary.' });
});
