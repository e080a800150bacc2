import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { judgeCall, type GrpcOutcome } from '../../../../bench/fuzz/grpc-judge.ts';
import type { GrpcScenario } from '../../../../bench/fuzz/grpc-scenario.ts';

const played = (more: Partial<GrpcScenario> = {}): GrpcScenario => ({ index: 0, title: 't', headers: {}, pieces: [], ending: 'end', control: false, ...more });
const judged = (outcome: Partial<GrpcOutcome>, scenario = played()): string | undefined => judgeCall({ http: 200, body: Buffer.alloc(0), ...outcome }, scenario, (body) => body.length === 3);

test('a status of the table is none of our faults; one of ours, a wrong one, and none at all are', () => {
  assert.deepEqual([status.OK, status.INVALID_ARGUMENT, status.RESOURCE_EXHAUSTED, status.UNIMPLEMENTED].map((code) => judged({ code })), [undefined, undefined, undefined, undefined]);
  assert.match(judged({ code: status.INTERNAL, text: 'A fault of the broker.' }) ?? '', /INTERNAL: A fault/);
  assert.match(judged({ code: status.UNKNOWN }) ?? '', /UNKNOWN/);
  assert.match(judged({ code: status.DATA_LOSS }) ?? '', /nothing in the table/);
  assert.match(judged({}) ?? '', /no status/);
  assert.match(judged({ hung: true }, played({ ending: 'reset' })) ?? '', /no end/);
  assert.equal(judged({ code: status.INTERNAL, text: 'Failed to decompress message' }), undefined, 'the library says so, as gRPC has it');
  assert.deepEqual([judged({ http: 415 }), judged({ code: status.INTERNAL, text: 'x' }, played({ ending: 'reset' }))], [undefined, undefined]);
});

test('the control call has one answer', () => {
  const control = played({ control: true });
  assert.equal(judged({ code: 0, body: Buffer.alloc(3) }, control), undefined);
  for (const wrong of [{ code: 0 }, { code: 14, body: Buffer.alloc(3) }, {}]) assert.match(judged(wrong, control) ?? '', /control/);
});
