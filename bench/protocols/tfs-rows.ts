import { ProtoWriter } from '../../protos/protobuf.ts';
import { tensorflowNumber } from '../../protos/tensorflow-datatype.ts';
import type { Contender, Started } from './contender.ts';
import { inputRows, numbersJson } from './inputs.ts';

const SOURCE = new URL('./body-source.ts', import.meta.url).href;
const PREDICT_PATH = '/tensorflow.serving.PredictionService/Predict';

/** TensorFlow Serving's protocol in its forms, with the bar that REST is held to. */
export function tfsContenders({ url, grpc, pid, app, features, seed }: Started): readonly Contender[] {
  const host = new URL(url).host;
  const rows = inputRows(features, seed);
  const rest = (bodies: readonly Buffer[]): Contender['over'] => ({
    kind: 'http', url, source: { module: SOURCE, options: { host, path: `/v1/models/${app}:predict`, contentType: 'application/json', headers: {}, bodies: bodies.map((body) => body.toString('base64')) } },
  });
  const messages = (tensor: (row: Float32Array<ArrayBuffer>) => Uint8Array): Contender['over'] => ({
    kind: 'grpc', address: grpc, path: PREDICT_PATH, messages: rows.map((row) => predictMessage(app, tensor(row)).toString('base64')),
  });
  return [
    {
      name: 'tfs-json', title: 'TFS REST, JSON rows, 784 floats', pid, rows: 1, bar: { against: 'native-json', most: 1.25 },
      over: rest(rows.map((row) => Buffer.from(`{"instances":[[${numbersJson(row)}]]}`))),
    },
    { name: 'tfs-json-columns', title: 'TFS REST, JSON columns, 784 floats', pid, rows: 1, over: rest(rows.map((row) => Buffer.from(`{"inputs":{"image":[[${numbersJson(row)}]]}}`))) },
    { name: 'tfs-grpc', title: 'TFS gRPC, tensor_content, 784 floats', pid, rows: 1, over: messages((row) => tensorMessage(features, 4, row)) },
    { name: 'tfs-grpc-values', title: 'TFS gRPC, float_val, 784 floats', pid, rows: 1, over: messages((row) => tensorMessage(features, 5, row)) },
  ];
}

/** A `TensorProto` of one row, its elements in this field. */
function tensorMessage(features: number, field: 4 | 5, row: Float32Array<ArrayBuffer>): Uint8Array {
  const shape = new ProtoWriter();
  for (const extent of [1, features]) shape.nested(2, new ProtoWriter().varint(1, extent).bytes);
  return new ProtoWriter().varint(1, tensorflowNumber('float32')).nested(2, shape.bytes).nested(field, new Uint8Array(row.buffer)).bytes;
}

/** A `PredictRequest` with this tensor as `image`. */
function predictMessage(model: string, tensor: Uint8Array): Buffer {
  const entry = new ProtoWriter().text(1, 'image').nested(2, tensor);
  return Buffer.from(new ProtoWriter().nested(1, new ProtoWriter().text(1, model).bytes).nested(2, entry.bytes).bytes);
}
