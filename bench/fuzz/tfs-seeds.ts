import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import type { TensorSpec } from '../../protos/wire.ts';

/** The inputs that requests are for: numbers, integers of 64 bits and text, one of them of any length. */
export const INPUTS: readonly TensorSpec[] = Object.freeze([
  { name: 'x', dtype: 'float32', shape: [4] }, { name: 'ids', dtype: 'int64', shape: [-1] }, { name: 'text', dtype: 'bytes', shape: [] },
]);

const TEXTS = {
  predict: [
    '{"instances":[{"x":[1,2,3,4],"ids":[1,2],"text":"a"},{"x":[NaN,-Infinity,0.1,1e-7],"ids":[-9223372036854775808,5],"text":{"b64":"QUJD"}}],"signature_name":"serving_default"}',
    '{"inputs":{"text":["a","b"],"ids":[[1],[2]],"x":[[1.5,2,3,4],[1,2,3,4e3]]},"output_filter":["y"]}',
    '{"signature_name":"", "unknown":{"a":[1,{"b":null}]}, "instances":[{"x":[0,0,0,0],"ids":[],"text":"\\u00e9"}]} trailing',
  ],
  examples: [
    '{"examples":[{"x":[1,2,3,4.5],"ids":[1,2],"text":"a"},{"x":[1,2,3,4],"ids":[3,4],"text":{"b64":"QUJD"}}]}',
    '{"context":{"x":[1,2,3,NaN],"ids":5},"examples":[{"text":"a"},{"text":"b","other":true}],"signature_name":"classification"}',
  ],
} as const;

/** Bodies of the REST API that are right. */
export function texts(kind: keyof typeof TEXTS): readonly Buffer[] {
  return TEXTS[kind].map((text) => Buffer.from(text));
}

type Json = Record<string, unknown>;

const SPEC: Json = { name: 'm', version: { value: 2 }, signatureName: 'serving_default' };
const EXAMPLE: Json = { features: { feature: {
  x: { floatList: { value: [1, 2, 3, 4] } }, ids: { int64List: { value: [1, '-9007199254740993'] } }, text: { bytesList: { value: [Buffer.from('a')] } },
} } };
const INPUT: Json = { exampleListWithContext: { examples: [EXAMPLE, {}], context: EXAMPLE } };

function tensor(dtype: number, sizes: readonly number[], more: Json): Json {
  return { dtype, tensorShape: { dim: sizes.map((size) => ({ size })) }, ...more };
}
const MESSAGES: Readonly<Record<'predict' | 'examples' | 'multi' | 'metadata', { readonly type: string; readonly values: readonly Json[] }>> = {
  predict: { type: 'PredictRequest', values: [
    { modelSpec: SPEC, outputFilter: ['y'], inputs: {
      x: tensor(1, [2, 4], { floatVal: [1, 2, 3] }), ids: tensor(9, [2, 2], { int64Val: [1, '-9223372036854775808', 3] }), text: tensor(7, [2], { stringVal: [Buffer.from('a'), Buffer.alloc(0)] }),
    } },
    { modelSpec: { name: 'm', versionLabel: 'stable' }, inputs: {
      x: tensor(1, [1, 4], { tensorContent: Buffer.alloc(16, 0x3f) }), ids: tensor(9, [1, 1], { tensorContent: Buffer.alloc(8, 1) }), text: tensor(7, [1], { tensorContent: Buffer.from([2, 0x61, 0x62]) }),
    } },
  ] },
  examples: { type: 'ClassificationRequest', values: [{ modelSpec: SPEC, input: INPUT }, { input: { exampleList: { examples: [EXAMPLE] } } }] },
  multi: { type: 'MultiInferenceRequest', values: [{ tasks: [{ modelSpec: SPEC, methodName: 'tensorflow/serving/classify' }, { modelSpec: SPEC, methodName: 'tensorflow/serving/regress' }], input: INPUT }] },
  metadata: { type: 'GetModelMetadataRequest', values: [{ modelSpec: SPEC, metadataField: ['signature_def'] }] },
};

/** Messages that are right, by a codec that is not ours. */
export function messages(kind: keyof typeof MESSAGES): readonly Buffer[] {
  const root = protobuf.loadSync(fileURLToPath(new URL('../../protos/tensorflow_serving.proto', import.meta.url)));
  const { type, values } = MESSAGES[kind];
  const known = root.lookupType(`tensorflow.serving.${type}`);
  return values.map((value) => Buffer.from(known.encode(known.fromObject(value)).finish()));
}
