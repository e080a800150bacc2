import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NODE_FLAGS } from '../../bench/demo/broker-process.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

test('the command is started with the same flags of Node by its first line, by package.json and by the benches', () => {
  const [first] = read('frontend/cli/tradewind.ts').split('\n', 1);
  assert.equal(first, `#!/usr/bin/env -S node ${NODE_FLAGS.join(' ')}`);
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const name of ['start', 'tradewind']) assert.ok(scripts[name]?.startsWith(`node ${NODE_FLAGS.join(' ')} frontend/cli/tradewind.ts`), scripts[name]);
});
