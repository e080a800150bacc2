import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { uploadFinding } from '../../../../../frontend/cli/doctor/upload-checks.ts';
import { folderWith } from '../../../../support/config-files.ts';

const HASHES = Array.from({ length: 7 }, (_, i) => `0123456789abcde${i}`);

test('uploads that are no version\'s are named, with what they take; what the operator put there is his', (t) => {
  const root = folderWith(t, { 'm/1/0123456789abcde0/model.onnx': 'x'.repeat(2000), 'm/2/0123456789abcde1/a/b.py': 'x', 'm/2/own/c.py': 'x', 'models/readme': 'x', '.uploads/0123/part': 'x' });
  const at = (version: number, hash: number): string => join(root, 'm', String(version), HASHES[hash] ?? '');
  const models = (...paths: string[]): unknown => ({ models: paths.map((path) => ({ spec: { path } })) });
  assert.equal(uploadFinding(root, models(join(at(1, 0), 'model.onnx'), at(2, 1))).verdict, 'good');
  const { verdict, says } = uploadFinding(root, models(at(2, 1)));
  assert.equal(verdict, 'doubtful');
  assert.match(says, /^1 upload\(s\) of 2\.0 KiB are no version's any more: \S+\/m\/1\/0123456789abcde0\. Delete/u);
  assert.equal(uploadFinding(join(root, 'none'), models()).verdict, 'good');
});

test('of many the first are named, and the others counted', (t) => {
  const root = folderWith(t, Object.fromEntries(HASHES.map((hash) => [`m/1/${hash}/x`, 'x'])));
  assert.match(uploadFinding(root, {}).says, /abcde4 and 2 more\. /u);
});
