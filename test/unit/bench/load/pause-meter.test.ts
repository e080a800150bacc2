import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../../../bench/load/pause-meter.ts', import.meta.url));
const STOPPED_MS = 30;

test('the time for which it was stopped is a pause, and it ends with who asks', async () => {
  const meter = fork(PROGRAM, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const read = async (): Promise<number> => {
    meter.send('read');
    const [ms] = (await once(meter, 'message')) as [number];
    return ms;
  };
  const before = await read();
  meter.kill('SIGSTOP');
  const until = performance.now() + STOPPED_MS;
  while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
  meter.kill('SIGCONT');
  let pausedMs = 0;
  // It may hear the question before its timer fires; shorter pauses are the machine's.
  for (let i = 0; i < 1000 && pausedMs < STOPPED_MS / 2; i++) pausedMs = (await read()) - before;
  assert.ok(pausedMs >= STOPPED_MS / 2, `${pausedMs} ms`);
  meter.disconnect();
  const [code] = (await once(meter, 'exit')) as [number];
  assert.equal(code, 0);
});
