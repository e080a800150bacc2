import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { test } from 'node:test';
import { preferGenerators } from '../../../../bench/load/prefer-generators.ts';

const FIFO = 1;
/** Fields of proc_pid_stat(5), counted from the first one behind the name in brackets. */
const POLICY_FIELD = 41 - 3;

function policyOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[POLICY_FIELD]);
}

test('what is started goes before others, and nothing does once that is given back', () => {
  const policyNow = (): number => policyOf(readFileSync('/proc/thread-self/stat', 'utf8'));
  const before = { nice: getPriority(), policy: policyNow() };
  const said: string[] = [];
  const giveBack = preferGenerators((line) => said.push(line));
  const preferred = { nice: getPriority(), policy: policyNow() };
  const child = policyOf(execFileSync(process.execPath, ['-p', 'fs.readFileSync("/proc/self/stat", "utf8")'], { encoding: 'utf8' }));
  giveBack();
  preferGenerators((line) => said.push(`again: ${line}`))();
  // Either it was raised, or it was said that it was not.
  assert.deepEqual(said, preferred.policy === FIFO || preferred.nice < before.nice ? [] : ['the system gives the generator no priority']);
  assert.equal(child, preferred.policy);
  assert.deepEqual({ nice: getPriority(), policy: policyNow() }, before);
});
