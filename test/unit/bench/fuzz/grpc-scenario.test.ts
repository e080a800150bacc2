import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framed, grpcScenario } from '../../../../bench/fuzz/grpc-scenario.ts';
import { grpcAsks, INFER_PATH } from '../../../../bench/fuzz/grpc-seeds.ts';
import { readInferRequest } from '../../../../protos/oip-infer.ts';

const targets = { ...grpcAsks('x'), input: 'x' };

test('a call is the same whenever it is drawn, and every kind is', () => {
  const drawn = Array.from({ length: 500 }, (_, index) => grpcScenario(3, index, targets));
  assert.deepEqual(drawn.slice(0, 50), Array.from({ length: 50 }, (_, index) => grpcScenario(3, index, targets)));
  assert.equal(new Set(drawn.map(({ title }) => title)).size, 11);
  for (const { control, pieces, headers, ending } of drawn) {
    if (control) assert.deepEqual([Buffer.concat(pieces), headers[':path'], ending], [framed(targets.control.message), INFER_PATH, 'end']);
  }
});

test('messages that are right are read, and their prefix says their length', () => {
  const { model, inputs, raw } = readInferRequest(targets.control.message);
  assert.deepEqual([model, inputs.map(({ name, shape }) => [name, shape]), raw.map(({ length }) => length)], ['control', [['x', [1, 8]]], [32]]);
  assert.deepEqual(framed(Buffer.from('ab'), { flag: 1, length: 7 }), Buffer.from([1, 0, 0, 0, 7, 0x61, 0x62]));
});
