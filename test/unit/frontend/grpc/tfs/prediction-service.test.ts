import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictionService } from '../../../../../frontend/grpc/tfs/prediction-service.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';
import { decode, encode } from '../../../../support/tfs-messages.ts';
import { rawOutputs, servedModel, tfsWorld, type TfsWorld } from '../../../../support/tfs-world.ts';
import { unaryCall, type CallOutcome } from '../../../../support/unary-call-double.ts';

const X: TensorSpec = { name: 'x', dtype: 'float32', shape: [2] };
const ONE: TensorSpec = { name: 'y', dtype: 'float32', shape: [] };
const models = [
  servedModel('scores', [X], rawOutputs('probabilities', X)), servedModel('number', [ONE], rawOutputs('value', ONE)), servedModel('unknown', undefined, undefined),
];
const INPUT = { dtype: 1, tensorShape: { dim: [{ size: 1 }, { size: 2 }] }, floatVal: [0.25, 0.75] };
const SPEC = { name: 'scores', version: { value: '2' }, signatureName: 'serving_default' };

function ask(method: string, message: Buffer, more: { readonly world?: TfsWorld; readonly headers?: Readonly<Record<string, string>>; readonly patienceMicros?: number } = {}): CallOutcome & { leave: () => void } {
  const { world = tfsWorld(models), ...rest } = more;
  const service = predictionService({ ...world, maxBytes: 1000, onFault: (fault) => { throw fault; } });
  const { call, outcome, leave } = unaryCall(message, rest);
  const found = service.methods[method];
  if (found?.kind === 'unary') found.handle(call);
  return Object.assign(outcome, { leave });
}
function said({ code, message }: CallOutcome): string {
  return `${code} ${message}`;
}
function predict(value: Record<string, unknown>, more: Parameters<typeof ask>[2] = {}): ReturnType<typeof ask> {
  return ask('Predict', encode('PredictRequest', { modelSpec: { name: 'scores' }, inputs: { x: INPUT }, ...value }), more);
}
const example = { features: { feature: { x: { floatList: { value: [0.25, 0.75] } }, y: { floatList: { value: [4] } } } } };
const input = { exampleList: { examples: [example] } };

test('predict: the outputs by name, the version that was asked, facts in the trailers', () => {
  const { answer, trailers } = predict({});
  assert.deepEqual(decode('PredictResponse', answer ?? Buffer.alloc(0)), { outputs: { x: { dtype: 'DT_FLOAT', tensorShape: { dim: [{ size: '1' }, { size: '2' }] }, floatVal: [0.25, 0.75] } }, modelSpec: SPEC });
  assert.deepEqual(trailers, { 'tradewind-decision-id': 'd1', 'tradewind-source': 'model', 'tradewind-model': 'scores', 'tradewind-version': '2' });
});

test('what is refused before it is a query is counted by its code', () => {
  const world = tfsWorld(models);
  predict({ modelSpec: { name: 'nobody' } }, { world });
  predict({}, { world });
  const refused = (code: string): number => world.meter.value('tradewind_refused_total', { code });
  assert.deepEqual([refused('unknown_model'), refused('wrong_shape')], [1, 0]);
});

test('an objective in the metadata counts, and a deadline shortens it', () => {
  const world = tfsWorld(models);
  predict({}, { world, headers: { 'tradewind-slo-ms': '50', 'tradewind-priority': 'sheddable', 'tradewind-context': '{"user":"ann"}' } });
  predict({}, { world, headers: { 'tradewind-slo-ms': '50' }, patienceMicros: 0 });
  const [first, late] = world.queries;
  assert.deepEqual([first?.sloMicros, first?.priority, first?.context, first?.pin], [50_000, 2, { user: 'ann' }, { model: 'scores' }]);
  assert.ok(late !== undefined && late.sloMicros <= 0);
});

test('predict refuses in the words that clients know', () => {
  assert.equal(said(predict({ modelSpec: undefined })), '3 Missing ModelSpec');
  assert.equal(said(predict({ modelSpec: { name: 'nope' } })), '5 Servable not found for request: Latest(nope)');
  assert.equal(said(predict({ modelSpec: { name: 'scores', version: { value: 9 } } })), '5 Servable not found for request: Specific(scores, 9)');
  assert.equal(said(predict({ modelSpec: { name: 'scores', versionLabel: 'x' } })), '3 Unrecognized servable version label: x');
  assert.equal(said(predict({ modelSpec: { name: 'scores', signatureName: 'x' } })), '9 Serving signature key "x" not found.');
  assert.match(said(predict({ modelSpec: { name: 'scores', signatureName: 'classification' } })), /^3 Expected prediction signature/);
  assert.match(said(predict({ outputFilter: ['z'] })), /^3 output tensor alias not found in signature: z/);
  assert.match(said(predict({ inputs: {} })), /^3 input size does not match signature: 0!=1/);
  assert.match(said(predict({}, { headers: { 'tradewind-priority': 'high' } })), /^3 tradewind-priority/);
  assert.equal(said(predict({ modelSpec: { name: 'unknown' } })), '14 No replica of the model is ready.');
});

test('a refusal leaves nothing behind', () => {
  const world = tfsWorld(models);
  predict({}, { world, headers: { 'tradewind-slo-ms': 'fast' } });
  predict({}, { world, headers: { 'tradewind-context': '[]' } });
  predict({ inputs: { x: { ...INPUT, dtype: 2 } } }, { world });
  assert.equal(world.slabs.usedSlabs, 0);
  assert.equal(world.calls.open, 0);
  assert.equal(world.queries.length, 0);
});

test('who goes away is taken back', () => {
  const world = tfsWorld(models);
  world.respond = () => undefined;
  const outcome = predict({}, { world });
  outcome.leave();
  assert.deepEqual(world.cancelled, [100]);
  assert.equal(world.calls.open, 0);
  assert.equal(outcome.code, undefined);
});

test('classify and regress read Examples', () => {
  const classified = ask('Classify', encode('ClassificationRequest', { modelSpec: { name: 'scores' }, input }));
  assert.deepEqual(decode('ClassificationResponse', classified.answer ?? Buffer.alloc(0)), { result: { classifications: [{ classes: [{ label: '0', score: 0.25 }, { label: '1', score: 0.75 }] }] }, modelSpec: SPEC });
  const regressed = ask('Regress', encode('RegressionRequest', { modelSpec: { name: 'number' }, input }));
  assert.deepEqual(decode('RegressionResponse', regressed.answer ?? Buffer.alloc(0)), { result: { regressions: [{ value: 4 }] }, modelSpec: { ...SPEC, name: 'number' } });
  assert.match(said(ask('Classify', encode('ClassificationRequest', { modelSpec: { name: 'number' }, input }))), /^3 Expected classification signature/);
  assert.equal(said(ask('Classify', encode('ClassificationRequest', { modelSpec: { name: 'scores' } }))), '3 Input is empty.');
});

test('several tasks are one query', () => {
  const world = tfsWorld(models);
  const task = (signatureName: string): Record<string, unknown> => ({ modelSpec: { name: 'number', signatureName }, methodName: 'tensorflow/serving/regress' });
  const multi = (tasks: readonly Record<string, unknown>[]): ReturnType<typeof ask> => ask('MultiInference', encode('MultiInferenceRequest', { tasks: [...tasks], input }), { world });
  const { answer } = multi([task(''), task('regression')]);
  assert.deepEqual(decode('MultiInferenceResponse', answer ?? Buffer.alloc(0))['results'], ['serving_default', 'regression'].map((signatureName) => ({ modelSpec: { name: 'number', version: { value: '2' }, signatureName }, regressionResult: { regressions: [{ value: 4 }] } })));
  assert.equal(world.queries.length, 1);
  assert.match(said(multi([])), /^3 /);
  assert.equal(said(multi([task(''), task('')])), '3 Duplicate evaluation of signature: serving_default');
  assert.match(said(multi([task(''), { modelSpec: { name: 'scores' } }])), /^3 All ModelSpecs .* same model name/);
  assert.equal(said(multi([{ modelSpec: { name: 'number' }, methodName: 'x' }])), '12 Unsupported signature method_name: x');
});

test('of a model whose inputs nobody knows yet as many rows are asked as came', () => {
  const world = tfsWorld(models);
  const three = { ...INPUT, tensorShape: { dim: [{ size: 3 }, { size: 2 }] } };
  predict({ modelSpec: { name: 'unknown' }, inputs: { x: three, y: three } }, { world });
  ask('Classify', encode('ClassificationRequest', { modelSpec: { name: 'unknown' }, input: { exampleList: { examples: [example, example] } } }), { world });
  assert.deepEqual(world.unparsed.map(({ rows }) => rows), [3, 2]);
  assert.match(said(predict({ modelSpec: { name: 'unknown' }, inputs: { x: three, y: INPUT } }, { world })), /^3 .*inconsistent batch size: 1 expecting: 3/);
});

test('metadata: the signatures, and nothing else', () => {
  const { answer } = ask('GetModelMetadata', encode('GetModelMetadataRequest', { modelSpec: { name: 'scores' }, metadataField: ['signature_def'] }));
  assert.deepEqual(Object.keys(decode('GetModelMetadataResponse', answer ?? Buffer.alloc(0))['metadata'] as object), ['signature_def']);
  assert.equal(said(ask('GetModelMetadata', encode('GetModelMetadataRequest', { modelSpec: { name: 'scores' } }))), '3 GetModelMetadataRequest must specify at least one metadata_field');
  assert.equal(said(ask('GetModelMetadata', encode('GetModelMetadataRequest', { modelSpec: { name: 'scores' }, metadataField: ['x'] }))), '3 Metadata field x is not supported');
  assert.equal(said(ask('GetModelMetadata', encode('GetModelMetadataRequest', { metadataField: ['signature_def'] }))), '3 Missing ModelSpec');
});
