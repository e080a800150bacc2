import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Launchers } from '../../../../../../frontend/lifecycle/runtimes/launcher/launchers.ts';
import { FakeChannels, FakeProcesses, SOME_ORDER } from '../../../../../support/fake-channel.ts';
import { VirtualClock } from '../../../../../support/virtual-clock.ts';

function launchers() {
  const clock = new VirtualClock();
  const channels = new FakeChannels();
  const told: string[] = [];
  const logged: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: (_: object, message: string) => void logged.push(message) };
  const all = new Launchers({ clock, log, host: { node: process.execPath, env: { PATH: '' } }, open: channels.open, calls: new FakeProcesses() });
  const launch = (): string | undefined => {
    const launched = all.launch(SOME_ORDER, { started: (pid) => told.push(`started ${pid}`), ended: ({ message }) => told.push(message) });
    return typeof launched === 'string' ? launched : undefined;
  };
  return { clock, all, opened: channels.opened, told, logged, launch };
}

test('one is begun at once, before anybody asks for anything', () => {
  const { all, opened, launch } = launchers();
  assert.deepEqual([all.pids, all.setpriv], [[1000], undefined]);
  assert.equal(launch(), undefined);
  assert.deepEqual(opened.map(({ orders }) => orders.length), [1]);
});

test('another is begun when one has ended and something is to start', () => {
  const { all, opened, launch, logged } = launchers();
  opened[0]?.events.gone('it was killed by SIGKILL');
  assert.deepEqual([all.pids, logged], [[], ['the launcher, which starts containers, is lost: it was killed by SIGKILL; another is begun when the next container is to start']]);
  assert.equal(launch(), undefined);
  assert.deepEqual([all.pids, opened[1]?.orders.length], [[1001], 1]);
});

test('where they end one after another, the next is begun after a while that grows up to a bound', () => {
  const { opened, launch, clock } = launchers();
  const end = (): void => opened.at(-1)?.events.gone('it exited with code 1');
  end();
  const waits: number[] = [];
  for (let round = 0; round < 9; round++) {
    launch();
    end();
    const refused = launch() ?? '';
    const [, waitMs = ''] = /^there is no launcher \(it exited with code 1\); another is begun in (\d+) ms$/u.exec(refused) ?? [];
    waits.push(Number(waitMs));
    clock.advance(Number(waitMs) * 1000);
  }
  assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  launch();
  clock.advance(10_000_000);
  end();
  assert.equal(launch(), undefined, 'one that has lasted is made up for at once');
});

test('one that hangs is replaced and closed with the rest', async () => {
  const { all, opened, launch, clock, told } = launchers();
  launch();
  opened[0]?.report({ kind: 'started', id: 1, pid: 7 });
  launch();
  clock.advance(10_000_000);
  assert.deepEqual(told, ['started 7', 'it could not be started: the launcher has not answered for 10000 ms']);
  launch();
  assert.deepEqual(all.pids, [1000, 1001]);
  const closed = all.close();
  for (const { events } of opened) events.gone('it exited with code 0');
  await closed;
  assert.deepEqual([all.pids, opened.map(({ done }) => done)], [[], [['disconnected'], ['disconnected']]]);
});
