import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isRead } from '../../../../../frontend/cli/terminal/is-read.ts';
import { folderWith } from '../../../../support/config-files.ts';

test('a pipe is read until its reader goes; what is no pipe is', (t) => {
  const path = join(folderWith(t, {}), 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  const file = openSync(devNull, 'w');
  assert.deepEqual([isRead(writer), isRead(file)], [true, true]);
  closeSync(reader);
  assert.deepEqual([isRead(writer), isRead(file)], [false, true]);
  for (const fd of [writer, file]) closeSync(fd);
});
