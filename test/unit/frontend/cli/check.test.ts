import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { checkFile } from '../../../../frontend/cli/check.ts';
import { CommandFailure } from '../../../../frontend/cli/terminal/failure.ts';
import { folderWith } from '../../../support/config-files.ts';

test('a right file is said to be right; a wrong one stops with all its faults', (t) => {
  const folder = folderWith(t, { 'good.yaml': 'models: [{ name: m, version: 1, container: synthetic }]', 'bad.yaml': 'x: 1\ndrain_ms: -1' });
  const printed: string[] = [];
  const options = { environment: {}, workingFolder: folder, print: (text: string) => void printed.push(text) };
  checkFile(join(folder, 'good.yaml'), options);
  assert.match(printed.join(), /is right: 1 model version, 0 apps\./u);
  assert.throws(() => checkFile(join(folder, 'bad.yaml'), options), (thrown) => thrown instanceof CommandFailure && thrown.message.split('\n').length === 3);
});
