import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';
import { OipStub } from '../support/oip-stub.ts';

function yaml(addresses: readonly string[]): string {
  return `models:
  - name: far
    version: 1
    container: { oip: [${addresses.map((address) => `'${address}'`).join(', ')}], model: theirs }
    output: { kind: raw }
apps:
  - name: pairs
    arms: [far]
    slo_ms: 5000
    default: [0, 0]
`;
}

async function ready(broker: BrokerProcess, count: number): Promise<void> {
  await until(`${count} replicas ready`, async () => {
    const replicas = await broker.replicas('far@1');
    return replicas.length === count && replicas.every(({ state }) => state === 'ready');
  });
}

for (const protocol of ['grpc', 'http'] as const) {
  test(`a model on a server of somebody else, over ${protocol}: it answers, a bad row fails alone, addresses scale it, admin and metrics show it`, async (t) => {
    const stubs = await Promise.all([1, 2, 3].map(() => OipStub.open(t, { protocol })));
    const [first, second, third] = stubs.map(({ address }) => address);
    assert.ok(first !== undefined && second !== undefined && third !== undefined);
    const broker = await (await BrokerProcess.start(t, { yaml: yaml([first]) })).ready();
    const lone = await broker.predict('pairs', { input: [1, 2] });
    assert.deepEqual([lone.status, lone.json.source, lone.json.model, lone.json.version], [200, 'model', 'far', 1]);
    assert.deepEqual(lone.json.output, [1, 2]);

    // The float32 7.0000067 begins with the byte 14.
    for (const stub of stubs) stub.behaviour.poison = 14;
    const some = await broker.predict('pairs', { inputs: [[1, 2], [7.000006675720215, 0], [3, 4], [5, 6]] });
    assert.deepEqual(some.json.rows?.map(({ source }) => source) ?? some.json, ['model', 'default', 'model', 'model']);

    await broker.admin('models/far/versions/1', { container: { oip: [first, second, third], model: 'theirs' }, output: { kind: 'raw' } });
    await ready(broker, 3);
    await broker.admin('models/far/versions/1', { container: { oip: [second], model: 'theirs' }, output: { kind: 'raw' } });
    await ready(broker, 1);
    const seen = stubs[1]?.calls.length ?? 0;
    assert.equal((await broker.predict('pairs', { input: [5, 6] })).status, 200);
    assert.equal(stubs[1]?.calls.length, seen + 1);

    await stubs[1]?.stop();
    await until('a death counted', async () => (await broker.metric('tradewind_replica_deaths_total', { model: 'far' })) > 0);
    const missed = await broker.predict('pairs', { input: [1, 2], slo_ms: 300 });
    assert.deepEqual([missed.status, missed.json.source, missed.json.reason], [200, 'default', 'no_replica']);
    const [replica] = await broker.replicas('far@1');
    assert.match(replica?.reason ?? '', /ECONNREFUSED|closed the connection|ECONNRESET|going away/);
    await until('told', () => broker.log.some(({ msg }) => msg.startsWith('replica died: ')));
    await stubs[1]?.start();
    await ready(broker, 1);
    assert.equal((await broker.predict('pairs', { input: [5, 6] })).status, 200);
    assert.ok(await broker.metric('tradewind_batches_total', { model: 'far', outcome: 'error' }) > 0);
    assert.deepEqual(await broker.stop(), { code: 0, signal: null });
  });
}
