import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readHealthRequest, writeHealthResponse } from '../../../protos/health.ts';
import { ProtoWriter } from '../../../protos/protobuf.ts';

test('requests name a service or none, with fields of others; responses are one number', () => {
  assert.equal(readHealthRequest(Buffer.alloc(0)), '');
  assert.equal(readHealthRequest(Buffer.from(new ProtoWriter().varint(9, 1).text(1, 'a.B').bytes)), 'a.B');
  assert.deepEqual(['serving', 'not_serving', 'service_unknown'].map((state) => [...writeHealthResponse(state as 'serving')]), [[8, 1], [8, 2], [8, 3]]);
});
