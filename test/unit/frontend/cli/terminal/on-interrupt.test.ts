import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { test } from 'node:test';

const MODULE = new URL('../../../../../frontend/cli/terminal/on-interrupt.ts', import.meta.url).href;

/** A program that waits, having set its ways, and signals itself. */
function ends(program: string): { code: number | null; signal: NodeJS.Signals | null; said: string } {
  const { status, signal, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', `import { onInterrupt } from '${MODULE}'; setTimeout(() => {}, 60_000); ${program}`], { encoding: 'utf8' });
  return { code: status, signal, said: stdout };
}

test('a signal cleans up and ends the command with 128 and its number', () => {
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
    assert.deepEqual(ends(`onInterrupt(() => console.log('cleaned')); process.kill(process.pid, '${signal}');`), { code, signal: null, said: 'cleaned\n' });
  }
});

test('what is taken back cleans no more', () => {
  assert.deepEqual(ends(`onInterrupt(() => console.log('cleaned'))(); process.kill(process.pid, 'SIGTERM');`), { code: null, signal: 'SIGTERM', said: '' });
});
