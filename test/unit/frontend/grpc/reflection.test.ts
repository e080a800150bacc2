import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REFLECTION_METHODS } from '../../../../frontend/grpc/reflection.ts';
import { ProtoWriter } from '../../../../protos/protobuf.ts';
import { openGrpc } from '../../../support/grpc-client.ts';

test('both versions list the services and give their files', async () => {
  const grpc = await openGrpc({ services: [{ name: 'inference.GRPCInferenceService', proto: 'open_inference.proto', methods: {} }] });
  for (const path of REFLECTION_METHODS) {
    const asked = grpc.stream(path);
    // list_services = 7; file_containing_symbol = 4.
    asked.send(new ProtoWriter().text(7, '').bytes);
    const listed = (await asked.next()).toString('latin1');
    for (const name of ['inference.GRPCInferenceService', 'grpc.health.v1.Health']) assert.ok(listed.includes(name), name);
    asked.send(new ProtoWriter().text(4, 'inference.GRPCInferenceService').bytes);
    assert.ok((await asked.next()).toString('latin1').includes('ModelStreamInfer'));
    asked.end();
    assert.equal(await asked.ended, 0);
  }
  assert.deepEqual(grpc.faults, []);
  await grpc.end();
});
