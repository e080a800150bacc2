import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classificationResult, multiInferenceResponse, readExamplesRequest, readMultiInferenceRequest, regressionResult, resultResponse } from '../../../../../frontend/grpc/tfs/example-codec.ts';
import { decode, encode } from '../../../../support/tfs-messages.ts';

const features = (feature: Record<string, unknown>): Record<string, unknown> => ({ features: { feature } });
const ECHO = { name: 'm', version: 2, signatureName: 'serving_default' };
const SPEC = { name: 'm', version: { value: '2' }, signatureName: 'serving_default' };

test('Examples with features of each kind, with a context or without', () => {
  const { spec, list } = readExamplesRequest(encode('ClassificationRequest', {
    modelSpec: { name: 'm' },
    input: { exampleListWithContext: {
      examples: [features({ f: { floatList: { value: [1.5, 2] } }, none: {} }), features({})],
      context: features({ i: { int64List: { value: ['-9007199254740993', 2] } }, b: { bytesList: { value: [Buffer.from('é')] } } }),
    } },
  }));
  assert.equal(spec?.name, 'm');
  assert.deepEqual(list.examples.map((example) => [...example]), [[['f', { kind: 'float', values: [1.5, 2] }]], []]);
  assert.deepEqual(list.context?.get('i'), { kind: 'int64', values: [-9_007_199_254_740_993n, 2n] });
  assert.equal(Buffer.from(list.context?.get('b')?.values[0] as Uint8Array).toString(), 'é');
  assert.deepEqual(readExamplesRequest(encode('RegressionRequest', { input: { exampleList: { examples: [features({})] } } })).list.examples.length, 1);
  assert.deepEqual(readExamplesRequest(Buffer.alloc(0)), { spec: undefined, list: { examples: [] } });
});

test('tasks name a model and a method each', () => {
  const { tasks, list } = readMultiInferenceRequest(encode('MultiInferenceRequest', { tasks: [{ modelSpec: { name: 'm', signatureName: 's' }, methodName: 'x' }, {}], input: { exampleList: { examples: [features({})] } } }));
  assert.deepEqual(tasks, [{ spec: { name: 'm', signatureName: 's' }, methodName: 'x' }, { spec: { name: '', signatureName: '' }, methodName: '' }]);
  assert.equal(list.examples.length, 1);
});

test('bytes that are no message are said to be none', () => {
  assert.throws(() => readExamplesRequest(Buffer.from([0x12, 5, 0x0a])), /protobuf/);
  const loose = Buffer.from([0x12, 9, 0x0a, 7, 0x0a, 5, 0x0a, 3, 0x0a, 1, 0xff]);
  assert.throws(() => readExamplesRequest(loose), /protobuf/);
  const odd = encode('RegressionRequest', { input: { exampleList: { examples: [features({ f: { floatList: { value: [1] } } })] } } });
  odd[odd.indexOf(0x0a, odd.length - 7) + 1] = 3;
  assert.throws(() => readExamplesRequest(odd), /WireError|protobuf|packed/);
});

test('a request has a bounded number of tasks and Examples', () => {
  assert.throws(() => readMultiInferenceRequest(encode('MultiInferenceRequest', { tasks: Array.from({ length: 65 }, () => ({})) })), /more than 64 tasks/);
  assert.throws(() => readExamplesRequest(encode('RegressionRequest', { input: { exampleList: { examples: Array.from({ length: 4097 }, () => ({})) } } })), /more than 4096 Examples/);
});

test('results are read by others', () => {
  const classes = classificationResult([[{ label: 'cat', score: 0.25 }, { label: '', score: 0 }], []]);
  assert.deepEqual(decode('ClassificationResponse', resultResponse(classes, ECHO)), { result: { classifications: [{ classes: [{ label: 'cat', score: 0.25 }, { label: '', score: 0 }] }, {}] }, modelSpec: SPEC });
  assert.deepEqual(decode('RegressionResponse', resultResponse(regressionResult([1.5, -2]), ECHO)), { result: { regressions: [{ value: 1.5 }, { value: -2 }] }, modelSpec: SPEC });
  const results = [{ echo: ECHO, kind: 'regress' as const, result: Uint8Array.from(regressionResult([1])) }, { echo: ECHO, kind: 'classify' as const, result: Uint8Array.from(classificationResult([[]])) }];
  assert.deepEqual(decode('MultiInferenceResponse', multiInferenceResponse(results)), {
    results: [{ modelSpec: SPEC, regressionResult: { regressions: [{ value: 1 }] } }, { modelSpec: SPEC, classificationResult: { classifications: [{}] } }],
  });
});
