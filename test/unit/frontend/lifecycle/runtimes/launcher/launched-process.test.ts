import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LaunchedProcess } from '../../../../../../frontend/lifecycle/runtimes/launcher/launched-process.ts';
import { FakeProcesses } from '../../../../../support/fake-channel.ts';
import { VirtualClock } from '../../../../../support/virtual-clock.ts';

function asked() {
  const clock = new VirtualClock();
  const processes = new FakeProcesses();
  const told: string[] = [];
  const launched = new LaunchedProcess({ started: (pid) => told.push(`started ${pid}`), ended: ({ message, cause }) => told.push(`${cause}: ${message}`) }, clock, processes);
  const started = (pid = 7): void => launched.report({ kind: 'started', id: 1, pid });
  const exited = (code: number | null, signal: string | null = null): void => launched.report({ kind: 'exited', id: 1, code, signal });
  return { clock, processes, told, launched, started, exited };
}

test('it starts and exits as its launcher says', () => {
  for (const [code, signal, end] of [[3, null, 'exited: exited with code 3'], [null, 'SIGTERM', 'killed: killed by SIGTERM']] as const) {
    const { told, launched, started, exited, clock } = asked();
    started();
    assert.equal(launched.state, 'running');
    exited(code, signal);
    assert.deepEqual([told, launched.state, clock.pending], [['started 7', end], 'over', 0]);
  }
});

test('what cannot be started says why, once', () => {
  const { told, launched } = asked();
  launched.report({ kind: 'failed', id: 1, why: 'spawn EAGAIN' });
  launched.launcherGone('it was killed by SIGKILL');
  launched.kill();
  assert.deepEqual(told, ['not_started: it could not be started: spawn EAGAIN']);
});

test('killed before it runs, it dies as soon as it does', () => {
  const { told, launched, processes, started, exited, clock } = asked();
  launched.kill();
  assert.deepEqual(processes.killed, []);
  started();
  assert.deepEqual(processes.killed, [7]);
  exited(null, 'SIGKILL');
  assert.deepEqual([told, clock.pending], [['started 7', 'killed: killed by SIGKILL'], 0]);
});

test('one that nobody waits for any longer and that runs all the same is killed, and nobody is told', () => {
  const { told, launched, processes, started, exited } = asked();
  launched.notStarted('the launcher has not answered');
  started();
  exited(null, 'SIGKILL');
  assert.deepEqual([told, processes.killed], [['not_started: it could not be started: the launcher has not answered'], [7]]);
});

test('killed under a launcher that says nothing, it has ended when it is seen to be gone', () => {
  const { told, launched, processes, started, exited, clock } = asked();
  started();
  launched.kill();
  launched.kill();
  clock.advance(5_000_000);
  assert.deepEqual(told, ['started 7']);
  processes.gone.add(7);
  clock.advance(100_000);
  exited(null, 'SIGKILL');
  assert.deepEqual([told.slice(1), clock.pending], [['killed: killed by SIGKILL'], 0]);
});

test('with its launcher gone it is killed, and has ended when it is gone too', () => {
  const { told, launched, processes, started, clock } = asked();
  started();
  launched.launcherGone('it was killed by SIGKILL');
  assert.deepEqual(processes.killed, [7]);
  clock.advance(200_000);
  assert.equal(told.length, 1);
  processes.gone.add(7);
  clock.advance(50_000);
  assert.deepEqual([told.slice(1), clock.pending], [['killed: killed with its launcher (it was killed by SIGKILL)'], 0]);
  const early = asked();
  early.launched.launcherGone('it exited with code 1');
  assert.deepEqual(early.told, ['not_started: it could not be started: its launcher has ended (it exited with code 1)']);
});

test('under a launcher that hangs it runs on, and has ended when it is gone, however that came', () => {
  const { told, launched, processes, started, clock } = asked();
  started();
  launched.launcherHangs('the launcher has not answered');
  clock.advance(60_000_000);
  assert.deepEqual([told, processes.killed], [['started 7'], []]);
  processes.gone.add(7);
  clock.advance(500_000);
  assert.deepEqual([told.slice(1), clock.pending], [['undefined: ended, and its launcher did not say how'], 0]);
  const early = asked();
  early.launched.launcherHangs('the launcher has not answered');
  assert.deepEqual(early.told, ['not_started: it could not be started: the launcher has not answered']);
});
