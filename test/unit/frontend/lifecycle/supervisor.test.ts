import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Supervisor } from '../../../../frontend/lifecycle/supervisor.ts';
import { FakeRuntime } from '../../../support/fake-runtime.ts';
import { desiredOf } from '../../../support/specs.ts';
import { rogueSpec } from '../../../support/supervised.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function supervised({ warmsUp = false } = {}) {
  const clock = new VirtualClock();
  const [local, external] = [new FakeRuntime(), new FakeRuntime()];
  const told: string[] = [];
  const log = { debug: () => {}, info: () => {}, warn: () => {}, error: (_: object, message: string) => void told.push(message) };
  const supervisor: Supervisor = new Supervisor({
    runtimes: { local, external }, clock, random: () => 0, log,
    meter: { cell: () => 0, add: () => {}, set: () => {}, observe: () => {}, forget: (labels) => void told.push(`forget ${JSON.stringify(labels)}`) },
    onReady: (key, link) => {
      told.push(`ready ${key}`);
      if (warmsUp) supervisor.warming(link, true);
    },
    onGone: (key, _, why) => void told.push(`gone ${key}: ${why}`),
    onCredit: (key) => void told.push(`credit ${key}`),
  });
  return { supervisor, clock, local, external, told };
}

test('models come and go as they are desired, each in its own runtime', () => {
  const { supervisor, local, external, told, clock } = supervised();
  const dialled = rogueSpec({}, { name: 'far', container: { kind: 'dial', addresses: ['unix:/a'] } });
  supervisor.apply(desiredOf([rogueSpec(), dialled]));
  const [near, far] = [local.begun()[0], external.begun()[0]];
  far?.hello();
  assert.deepEqual([supervisor.isReady('rogue@1'), supervisor.isReady('far@1'), supervisor.isReady('none@1')], [false, true, false]);
  supervisor.apply(desiredOf([dialled]));
  near?.end();
  assert.deepEqual(supervisor.status().map(({ key }) => key), ['far@1']);
  assert.deepEqual(told, ['ready far@1', 'forget {"model":"rogue","version":"1"}']);
  // A dialled container is tried again after seconds, not after half a minute.
  far?.end();
  for (let i = 0; i < 12; i++) {
    clock.advance(5_000_000);
    external.begun()[0]?.end('connection refused');
  }
  assert.equal(supervisor.status()[0]?.replicas[0]?.deaths, 13);
});

test('a version may change from a process to a dialled container', () => {
  const { supervisor, local, external } = supervised();
  supervisor.apply(desiredOf([rogueSpec()]));
  local.begun()[0]?.hello();
  supervisor.apply(desiredOf([rogueSpec({}, { container: { kind: 'dial', addresses: ['unix:/a'] } })]));
  assert.equal(external.begun().length, 1);
});

test('a replica that is being warmed up is not counted, and takes nobody\'s place before that is over', () => {
  const { supervisor, local, told } = supervised({ warmsUp: true });
  const spec = rogueSpec();
  supervisor.apply(desiredOf([spec]));
  const [first] = local.begun();
  assert.ok(first);
  first.hello();
  assert.equal(supervisor.status()[0]?.ready, 0);
  supervisor.warming(first.link, false);
  assert.equal(supervisor.status()[0]?.ready, 1);
  told.length = 0;
  for (const path of ['/fails', '/passes']) {
    supervisor.apply(desiredOf([{ ...spec, path }]));
    const [next] = local.begun();
    assert.ok(next);
    next.hello();
    assert.deepEqual(told.splice(0), ['ready rogue@1'], 'the first serves on');
    if (path === '/passes') supervisor.warming(next.link, false);
    else supervisor.hung(next.link, 'warm-up failed');
    assert.deepEqual(told.splice(0), path === '/passes' ? ['gone rogue@1: draining'] : ['gone rogue@1: warm-up failed']);
  }
  // What the first says of itself now means nothing.
  supervisor.warming(first.link, true);
});

test('a replica of another signature lets the old ones serve until it is warm, and nobody serves beside it then', () => {
  const { supervisor, local, told } = supervised({ warmsUp: true });
  const spec = rogueSpec({}, { replicas: 2 });
  supervisor.apply(desiredOf([spec]));
  for (const { link, hello } of local.begun().map((life) => ({ link: life.link, hello: () => life.hello() }))) {
    hello();
    supervisor.serves(link);
    supervisor.warming(link, false);
  }
  told.length = 0;
  const other = { inputs: [{ name: 'x', dtype: 'float32' as const, shape: [3] }], outputs: [] };
  supervisor.apply(desiredOf([{ ...spec, path: '/other' }]));
  const [fails, passes] = local.begun();
  assert.ok(fails !== undefined && passes !== undefined);
  fails.hello(other);
  supervisor.hung(fails.link, 'warm-up failed');
  passes.hello(other);
  assert.deepEqual(told.splice(0), ['ready rogue@1', 'gone rogue@1: warm-up failed', 'ready rogue@1'], 'both old ones serve on');
  assert.deepEqual(supervisor.status()[0]?.signature?.inputs[0]?.shape, [2]);
  supervisor.serves(passes.link);
  assert.deepEqual(told.splice(0), ['gone rogue@1: draining', 'gone rogue@1: draining']);
  supervisor.warming(passes.link, false);
  assert.deepEqual(supervisor.status()[0]?.signature?.inputs[0]?.shape, [3]);
});

test('a hang is cut off and replaced; a link that is nobody\'s means nothing', () => {
  const { supervisor, local, clock, told } = supervised();
  supervisor.apply(desiredOf([rogueSpec()]));
  const [life] = local.begun();
  life?.hello();
  assert.ok(life);
  supervisor.hung(life.link);
  supervisor.hung(life.link);
  assert.equal(life.killed, 'hung: its oldest batch is overdue');
  life.end('killed by SIGKILL');
  clock.advance(100_000);
  const [next] = local.begun();
  next?.hello();
  supervisor.hung(life.link);
  assert.deepEqual(told, ['ready rogue@1', 'gone rogue@1: hung: its oldest batch is overdue', 'ready rogue@1']);
});

test('drain ends when the last replica has, and starts nothing afterwards', async () => {
  const { supervisor, local, clock } = supervised();
  supervisor.apply(desiredOf([rogueSpec()]));
  const [life] = local.begun();
  life?.hello();
  const drained = supervisor.drain();
  assert.equal(supervisor.drain(), drained);
  assert.equal(life?.link.drained, true);
  life?.end();
  await drained;
  supervisor.apply(desiredOf([rogueSpec()]));
  assert.deepEqual([local.begun().length, clock.pending], [0, 0]);
});

test('drain ends at its limit though a replica never does', async () => {
  const { supervisor, local, clock, told } = supervised();
  supervisor.apply(desiredOf([rogueSpec()]));
  const [life] = local.begun();
  life?.hello();
  const drained = supervisor.drain();
  clock.advance(10_000_000);
  assert.equal(life?.killed, 'it did not drain in time');
  clock.advance(2_000_000);
  await drained;
  assert.match(told.at(-1) ?? '', /replicas are left/);
});

test('with nothing to drain, drain ends at once', async () => {
  const { supervisor, clock } = supervised();
  await supervisor.drain();
  assert.equal(clock.pending, 0);
});
