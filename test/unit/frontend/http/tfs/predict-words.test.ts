import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noWords, takeWord } from '../../../../../frontend/http/tfs/predict-words.ts';

test('the signature and the wanted outputs are taken, what they cannot be is refused, and other keys are passed over', () => {
  const words = noWords();
  assert.deepEqual([takeWord('signature_name', 's', words), takeWord('output_filter', ['y', 'z'], words), takeWord('other', {}, words)], [undefined, undefined, undefined]);
  assert.deepEqual(words, { signatureName: 's', outputFilter: ['y', 'z'] });
  for (const [key, value] of [['signature_name', 1], ['output_filter', 'y'], ['output_filter', [1]], ['output_filter', Array.from({ length: 257 }, () => 'y')]] as const) {
    assert.equal(takeWord(key, value, words)?.code, 'invalid_field', key);
  }
  assert.deepEqual(words, { signatureName: 's', outputFilter: ['y', 'z'] });
});
