import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Executor } from '../../../../model-containers/typescript/executor.ts';

test('jobs run one at a time, in order; only those that wait are kept', async () => {
  const executor = new Executor();
  const log: string[] = [];
  const job = (name: string, pending?: Promise<void>) => ({
    keep: () => { log.push(`keep ${name}`); },
    run: () => {
      log.push(`run ${name}`);
      return pending;
    },
  });
  executor.submit(job('a'));
  assert.ok(executor.idle);
  let finish = (): void => {};
  executor.submit(job('b', new Promise((resolve) => { finish = resolve; })));
  executor.submit(job('c'));
  assert.ok(!executor.idle);
  assert.deepEqual(log, ['run a', 'run b', 'keep b', 'keep c']);
  const last = new Promise<void>((resolve) => {
    executor.submit({ keep: () => {}, run: () => { resolve(); return undefined; } });
  });
  finish();
  await last;
  assert.equal(log.at(-1), 'run c');
  executor.submit(job('d'));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(log.at(-1), 'run d');
  assert.ok(executor.idle);
});
