import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ModelSpec } from '../../frontend/domain/model.ts';
import type { RogueOptions } from '../support/rogue-container.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

const starts: readonly (readonly [name: string, spec: ModelSpec, reason: RegExp])[] = [
  ['exits at start', rogue({ start: 'exit' }), /^exited with code 3$/],
  ['says another name', rogue({ start: 'wrong_name' }), /^refused \(wrong_model\): it says that it is somebody-else@1; rogue@1 was expected/],
  ['says a wrong token', rogue({ start: 'bad_token' }), /^refused \(bad_token\): .*exited with code [04]$/],
  ['begins with garbage', rogue({ start: 'garbage' }), /^exited with code 0$/],
  ['begins with a frame that is too large', rogue({ start: 'oversize' }), /^exited with code 0$/],
  ['has no output that could be probabilities', rogueSpec({ signature: [{ name: 'x', dtype: 'int32', shape: [2] }] }, { output: { kind: 'probabilities' } }), /^refused \(wrong_output\): its output "x" int32\[2\] cannot be probabilities/],
  ['has not the inputs of the configuration', rogueSpec({}, { input: [{ name: 'x', dtype: 'float32', shape: [3] }] }), /^refused \(bad_signature\): its input "x" float32\[2\] is not what the configuration declares/],
  ['is a program that does not exist', rogueSpec({}, { container: { kind: 'command', command: ['no-such-program'], cwd: '/' } }), /^there is no program "no-such-program"/],
];

function rogue(options: RogueOptions): ModelSpec {
  return rogueSpec(options);
}

for (const [name, spec, reason] of starts) {
  test(`a container that ${name} is tried again and again, and the operator is told why`, async (t) => {
    const world = await Supervised.open({ loopDeaths: 2, loopWindowMicros: 600_000_000 });
    t.after(() => world.close());
    world.apply(spec);
    const replica = await world.until(() => world.status.replicas.find(({ state }) => state === 'crash_loop'));
    assert.match(replica.reason ?? '', reason);
    assert.ok(replica.deaths >= 2);
    assert.equal(world.supervisor.isReady('rogue@1'), false);
    if (name === 'exits at start') assert.deepEqual(replica.output, ['the model file is missing']);
    assert.deepEqual(world.gone, []);
    // Half-open: it goes on trying.
    await world.until(() => world.status.replicas.some(({ deaths }) => deaths > replica.deaths));
    assert.deepEqual(await world.close(), []);
  });
}

test('a container that never says hello is ended at the time limit', async () => {
  const world = await Supervised.open({ startTimeoutMicros: 300_000 });
  world.apply(rogueSpec({ start: 'silent' }));
  const replica = await world.until(() => world.status.replicas.find(({ deaths }) => deaths === 1));
  assert.match(replica.reason ?? '', /^no hello within 300 ms; killed by SIGKILL$/);
  assert.deepEqual(await world.close(), []);
});

test('a replica whose signature is not that of its siblings is refused, the first one serves on', async () => {
  const world = await Supervised.open();
  const spec = rogueSpec({ start: 'other_signature' });
  world.apply(spec);
  const first = await world.link();
  world.apply({ ...spec, replicas: 2 });
  const refused = await world.until(() => world.status.replicas.find(({ deaths }) => deaths > 0));
  assert.match(refused.reason ?? '', /^refused \(signature_mismatch\)/);
  assert.deepEqual(world.links, [first]);
  assert.deepEqual(await world.close(), []);
});
