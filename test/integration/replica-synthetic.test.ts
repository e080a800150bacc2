import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ModelSpec } from '../../frontend/domain/model.ts';
import { batchOf, infer, pairRow, queryOf } from '../support/batches.ts';
import { Supervised, rogueSpec } from '../support/supervised.ts';

const MAIN = fileURLToPath(new URL('../../model-containers/synthetic/main.ts', import.meta.url));
const pairs = queryOf([{ name: 'input', dtype: 'float32', shape: [2], rows: [pairRow(1), pairRow(4)] }]);
const sums = [3, 9].map((sum) => Buffer.from(Float32Array.of(sum).buffer));

function synthetic(options: ModelSpec['options'] = {}): ModelSpec {
  return rogueSpec({}, { container: { kind: 'builtin', name: 'synthetic' }, options, output: { kind: 'value' } });
}

test('the synthetic container answers, drains and ends', async () => {
  const world = await Supervised.open();
  world.apply(synthetic({ max_in_flight: 2 }));
  const link = await world.link();
  const { rows, end } = await infer(link, batchOf(pairs));
  assert.deepEqual([0, 1].map((row) => rows.get(row)?.['output']), sums);
  assert.ok(end.kind === 'done' && end.error === undefined);
  assert.deepEqual(await world.close(), []);
  assert.deepEqual(world.logged.filter(({ level }) => level === 'warn' || level === 'error'), []);
});

test('batches that the kit holds while it is drained are answered', async () => {
  const world = await Supervised.open();
  world.apply(synthetic({ per_batch_ms: 30 }));
  const outcome = infer(await world.link(), batchOf(pairs));
  const closed = world.close();
  assert.equal((await outcome).rows.size, 2);
  assert.deepEqual(await closed, []);
});

for (const [options, reason] of [
  [{ exit_at_start: true }, /^exited with code 1$/],
  [{ says_model: 'other' }, /^refused \(wrong_model\)/],
  [{ bad_token: true }, /^refused \(bad_token\)/],
  [{ output: { dtype: 'bytes' } }, /./],
] as const) {
  test(`the synthetic container with ${JSON.stringify(options)} does not become ready`, async () => {
    const world = await Supervised.open();
    world.apply(synthetic(options));
    const { reason: said = '' } = await world.until(() => world.status.replicas.find(({ deaths }) => deaths > 0));
    assert.match(said, reason);
    assert.deepEqual(world.links, []);
    assert.deepEqual(await world.close(), []);
  });
}

test('a crash under a batch costs that batch and one life', async () => {
  const world = await Supervised.open();
  world.apply(synthetic({ crash: 1 }));
  const link = await world.link();
  assert.equal((await infer(link, batchOf(pairs))).end.kind, 'lost');
  await world.until(() => world.links.length === 1 && world.links[0] !== link);
  assert.equal(world.status.replicas[0]?.deaths, 1);
  assert.deepEqual(await world.close(), []);
});

for (const scheme of ['unix', 'tcp'] as const) {
  test(`a container that listens on ${scheme} is dialled, watched, left to itself, and found again when it comes back`, async () => {
    const world = await Supervised.open();
    // Below the ports that the kernel gives to those who do not care.
    const address = scheme === 'unix' ? `unix:${join(world.folder, 'listening.sock')}` : `tcp://127.0.0.1:${20_000 + (process.pid % 12_000)}`;
    const listen = (): ReturnType<typeof spawn> => spawn(process.execPath, [MAIN, '--listen', address, '--model', 'rogue', '--version', '1'], { stdio: 'ignore' });
    world.apply(rogueSpec({}, { container: { kind: 'dial', addresses: [address] }, output: { kind: 'value' } }));
    // Nobody is there yet: it is tried again until somebody is.
    await world.until(() => world.status.replicas.some(({ deaths }) => deaths > 0));
    const container = listen();
    const link = await world.link();
    assert.equal((await infer(link, batchOf(pairs))).rows.size, 2);
    assert.equal(world.status.replicas[0]?.address, address);
    container.kill('SIGKILL');
    await once(container, 'exit');
    await world.until(() => world.gone.length > 0);
    for (const name of readdirSync(world.folder)) if (name.startsWith('listening')) rmSync(join(world.folder, name));
    const again = listen();
    const next = await world.link();
    assert.equal((await infer(next, batchOf(pairs))).rows.size, 2);
    await world.supervisor.drain();
    assert.equal(again.exitCode, null);
    again.kill('SIGKILL');
    await once(again, 'exit');
    assert.deepEqual((await world.close()).filter((name) => !name.startsWith('listening')), []);
  });
}
