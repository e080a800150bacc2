import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { inferUnary } from '../../../../../frontend/grpc/oip/infer.ts';
import { WireError } from '../../../../../protos/wire.ts';
import { oipMethod } from '../../../../support/oip-codec.ts';
import { rawOutputs, servedModel, tfsWorld } from '../../../../support/tfs-world.ts';
import { unaryCall } from '../../../../support/unary-call-double.ts';

const X = { name: 'x', dtype: 'int64' as const, shape: [2] };
const INFER = oipMethod('ModelInfer');
const RAW = Buffer.from(BigInt64Array.of(1n, -2n, 2n ** 62n, 0n).buffer);
const INPUT = { name: 'x', datatype: 'INT64', shape: [2, 2] };

function ask(request: object, more: Parameters<typeof unaryCall>[1] = {}): { world: ReturnType<typeof tfsWorld> } & ReturnType<typeof unaryCall> {
  const world = tfsWorld([servedModel('m', [X], rawOutputs('raw', X))]);
  const called = unaryCall(INFER.requestSerialize({ model_name: 'm', ...request }), more);
  inferUnary(world, called.call);
  return { world, ...called };
}
function answered(outcome: { answer?: Buffer }): { model_version: string; id: string; parameters: Record<string, object>; outputs: { name: string; shape: string[] }[]; raw_output_contents: Buffer[] } {
  return oipMethod('ModelInfer').responseDeserialize(outcome.answer ?? Buffer.alloc(0)) as ReturnType<typeof answered>;
}

test('raw and typed contents say the same, and are answered raw, by another\'s codec', () => {
  for (const request of [{ inputs: [INPUT], raw_input_contents: [RAW] }, { inputs: [{ ...INPUT, contents: { int64_contents: ['1', '-2', String(2n ** 62n), '0'] } }] }]) {
    const { world, outcome } = ask({ ...request, id: '7' });
    const { model_version: version, id, parameters, outputs, raw_output_contents: raw } = answered(outcome);
    assert.deepEqual([version, id, outputs.map(({ name, shape }) => [name, shape]), raw[0]], ['2', '7', [['x', ['2', '2']]], RAW]);
    assert.deepEqual([parameters['decision_id'], parameters['version']], [{ string_param: 'd1' }, { int64_param: '2' }]);
    assert.deepEqual([world.queries[0]?.rows, world.slabs.usedSlabs], [2, 0]);
  }
});

test('parameters and metadata say the objective, priority and context; a deadline only shortens it', () => {
  const { world } = ask({ inputs: [INPUT], raw_input_contents: [RAW], parameters: { timeout: { int64_param: 20_000 }, priority: { uint64_param: 3 } } }, { headers: { 'tradewind-context': '{"user":"ann"}', 'tradewind-slo-ms': '9' } });
  assert.deepEqual([world.queries[0]?.sloMicros, world.queries[0]?.priority, world.queries[0]?.context], [20_000, 2, { user: 'ann' }]);
  const hurried = ask({ inputs: [INPUT], raw_input_contents: [RAW] }, { patienceMicros: 100_000 }).world.queries[0];
  assert.equal(hurried?.sloMicros, 100_000);
});

test('what is refused before it is a query is counted, once, by its code', () => {
  const counted = (code: string, request: object): number => ask(request).world.meter.value('tradewind_refused_total', { code });
  assert.equal(counted('wrong_shape', { inputs: [INPUT], raw_input_contents: [RAW.subarray(8)] }), 1);
  assert.equal(counted('unknown_model', { model_name: 'n' }), 1);
  assert.equal(counted('invalid_field', { inputs: [INPUT], raw_input_contents: [RAW], outputs: [{ name: 'none' }] }), 1);
  assert.equal(counted('wrong_shape', { inputs: [INPUT], raw_input_contents: [RAW] }), 0);
});

test('of a model whose inputs nobody knows yet as many rows are asked as the shapes say', () => {
  const world = tfsWorld([servedModel('m', undefined, undefined)]);
  const asked = (inputs: readonly object[], raw = RAW): number | undefined => {
    const { call, outcome } = unaryCall(INFER.requestSerialize({ model_name: 'm', inputs, raw_input_contents: inputs.map(() => raw) }));
    inferUnary(world, call);
    assert.equal(world.slabs.usedSlabs, 0);
    return outcome.code;
  };
  assert.equal(asked([{ ...INPUT, shape: [3, 2] }]), status.INVALID_ARGUMENT);
  assert.deepEqual([asked([{ ...INPUT, shape: [3, 2] }], Buffer.alloc((RAW.length / 2) * 3)), asked([INPUT, { ...INPUT, name: 'y' }]), asked([]), asked([INPUT, { ...INPUT, shape: [1] }])], [status.UNAVAILABLE, status.UNAVAILABLE, status.INVALID_ARGUMENT, status.INVALID_ARGUMENT]);
  assert.deepEqual(world.unparsed.map(({ rows }) => rows), [3, 2]);
});

test('each fault has its status, and leaves no memory', () => {
  const code = (request: object): number | undefined => {
    const { world, outcome } = ask(request);
    assert.deepEqual([world.queries.length, world.slabs.usedSlabs, world.calls.open], [0, 0, 0]);
    return outcome.code;
  };
  const raw = { raw_input_contents: [RAW] };
  assert.equal(code({ model_name: 'n', inputs: [INPUT], ...raw }), status.NOT_FOUND);
  assert.equal(code({ model_version: '9', inputs: [INPUT], ...raw }), status.NOT_FOUND);
  for (const wrong of [
    {}, { inputs: [INPUT] }, { inputs: [INPUT], raw_input_contents: [RAW, RAW] }, { inputs: [{ ...INPUT, contents: { int64_contents: ['1'] } }], ...raw }, { inputs: [INPUT, INPUT], raw_input_contents: [RAW, RAW] },
    { inputs: [{ ...INPUT, name: 'y' }], ...raw }, { inputs: [{ ...INPUT, datatype: 'FP32' }], ...raw }, { inputs: [{ ...INPUT, shape: [2, 3] }], ...raw }, { inputs: [{ ...INPUT, shape: [3, 2] }], ...raw },
    { inputs: [INPUT], raw_input_contents: [RAW.subarray(1)] }, { inputs: [INPUT], ...raw, outputs: [{ name: 'y' }] }, { inputs: [INPUT], ...raw, parameters: { sequence_id: { int64_param: 3 } } },
    { inputs: [INPUT], ...raw, parameters: { timeout: { int64_param: -1 } } },
  ]) assert.equal(code(wrong), status.INVALID_ARGUMENT, JSON.stringify(wrong).slice(0, 120));
});

test('typed contents of another dtype, and too many of them, throw before anything is held', () => {
  const world = tfsWorld([servedModel('m', [X], rawOutputs('raw', X))]);
  for (const contents of [{ fp32_contents: [1, 2, 3, 4] }, { int64_contents: ['1', '2', '3', '4', '5'] }]) {
    assert.throws(() => inferUnary(world, unaryCall(INFER.requestSerialize({ model_name: 'm', inputs: [{ ...INPUT, contents }] })).call), WireError);
    assert.equal(world.slabs.usedSlabs, 0);
  }
});

test('a caller that goes away takes its query back; a refusal by the road says the decision', () => {
  const world = tfsWorld([servedModel('m', [X], rawOutputs('raw', X))]);
  world.respond = () => undefined;
  const { call, leave } = unaryCall(INFER.requestSerialize({ model_name: 'm', inputs: [INPUT], raw_input_contents: [RAW] }));
  inferUnary(world, call);
  leave();
  assert.deepEqual([world.cancelled.length, world.calls.open], [1, 0]);
  const missed = unaryCall(INFER.requestSerialize({ model_name: 'm', inputs: [INPUT], raw_input_contents: [RAW] }));
  inferUnary(world, missed.call);
  world.answer({ slot: world.queries[1]?.slot ?? -1, latencyMicros: 1, decisionId: 'd9', ok: false, failure: { code: 'queue_full', message: 'full' } });
  assert.deepEqual([missed.outcome.code, missed.outcome.message, missed.outcome.trailers], [status.RESOURCE_EXHAUSTED, 'full', { 'tradewind-decision-id': 'd9' }]);
});
