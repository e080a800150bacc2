import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { inferStream } from '../../../../../frontend/grpc/oip/stream-infer.ts';
import { VirtualClock } from '../../../../support/virtual-clock.ts';
import { openGrpc } from '../../../../support/grpc-client.ts';
import { oipMethod } from '../../../../support/oip-codec.ts';
import { echo, rawOutputs, servedModel, tfsWorld } from '../../../../support/tfs-world.ts';
import { turnsUntil } from '../../../../support/turns-until.ts';

const X = { name: 'x', dtype: 'int8' as const, shape: [] };
const STREAM = oipMethod('ModelStreamInfer');
const request = (id: string, shape: readonly number[] = [1]): Buffer => STREAM.requestSerialize({ model_name: 'm', id, inputs: [{ name: 'x', datatype: 'INT8', shape }], raw_input_contents: [Buffer.from([7])] });
interface Said { error_message?: string; infer_response?: { id?: string; raw_output_contents?: Buffer[]; parameters?: Record<string, object> } }
const read = (message: Buffer): Said => STREAM.responseDeserialize(message);

test('answers come in the order of the requests; what is refused does not end the stream, and the stop waits for answers', async () => {
  const world = tfsWorld([servedModel('m', [X], rawOutputs('raw', X))]);
  // The first waits for its answer longer than the second.
  const asked = new Promise<void>((resolve) => (world.respond = (query) => {
    if (world.queries.length === 1) return undefined;
    resolve();
    return echo(query, world.slabs);
  }));
  const service = { name: 'a.B', proto: 'health.proto', methods: { Talk: { kind: 'stream' as const, handle: (call: Parameters<typeof inferStream>[2]) => inferStream(world, new VirtualClock(), call) } } };
  const grpc = await openGrpc({ services: [service] });
  const talk = grpc.stream('/a.B/Talk');
  talk.send(request('late'));
  talk.send(request('wrong', [2]));
  talk.send(Buffer.from([0xff, 0xff]));
  talk.send(request(''));
  await asked;
  grpc.door.stopAccepting();
  world.answer({ slot: world.queries[0]?.slot ?? -1, latencyMicros: 1, ok: false, failure: { code: 'no_replica', message: 'none' } });
  const said = [await talk.next(), await talk.next(), await talk.next(), await talk.next()].map(read);
  assert.deepEqual(said.map(({ infer_response: answer }) => answer?.id), ['late', 'wrong', undefined, undefined]);
  for (const [at, words] of [/^none$/, /unexpected total byte size/, /protobuf/, /^$/].entries()) assert.match(said[at]?.error_message ?? '', words);
  assert.deepEqual(said[3]?.infer_response?.parameters?.['triton_final_response'], { bool_param: true });
  assert.equal(await talk.ended, status.OK);
  assert.deepEqual(await grpc.end(), { lost: 0, wakes: 0 });
  assert.equal(world.slabs.usedSlabs, 0);
});

test('a caller that goes away takes back what it asked', async () => {
  const world = tfsWorld([servedModel('m', [X], rawOutputs('raw', X))]);
  const asked = new Promise<void>((resolve) => (world.respond = () => {
    if (world.queries.length === 2) resolve();
    return undefined;
  }));
  const service = { name: 'a.B', proto: 'health.proto', methods: { Talk: { kind: 'stream' as const, handle: (call: Parameters<typeof inferStream>[2]) => inferStream(world, new VirtualClock(), call) } } };
  const grpc = await openGrpc({ services: [service] });
  const talk = grpc.stream('/a.B/Talk');
  talk.send(request('a'));
  talk.send(request('b'));
  await asked;
  talk.cancel();
  await turnsUntil(() => world.cancelled.length >= 2);
  assert.equal(world.calls.open, 0);
  await grpc.end();
});
