import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecording, writeRecording } from '../../../../frontend/config/recording-words.ts';

test('a recording in the words of the file and back; none is none', () => {
  const raw = { fraction: 0.5, max_bytes: 100_000, redact: ['user'] };
  const { recording } = readRecording(raw);
  assert.deepEqual(recording, { fraction: 0.5, maxBytes: 100_000, redact: ['user'] });
  assert.deepEqual(writeRecording(recording), { recording: raw });
  assert.deepEqual([readRecording(undefined), writeRecording(undefined)], [{}, {}]);
});
