import { ProtoWriter } from '../../protos/protobuf.ts';
import type { Contender, Started } from './contender.ts';
import { inputRows, numbersJson } from './inputs.ts';

const SOURCE = new URL('./body-source.ts', import.meta.url).href;
/** Rows of the large request. */
const MANY = 1_000;
export const INFER_PATH = '/inference.GRPCInferenceService/ModelInfer';

/** The Open Inference Protocol in each of its forms, with the bars of issue 7. */
export function oipContenders(started: Started): readonly Contender[] {
  const { url, grpc, pid, app, features, seed } = started;
  const host = new URL(url).host;
  const rows = inputRows(features, seed);
  const http = (contentType: string, headers: Readonly<Record<string, string>>, bodies: readonly Buffer[]): Contender['over'] => ({
    kind: 'http', url, source: { module: SOURCE, options: { host, path: `/v2/models/${app}/infer`, contentType, headers, bodies: bodies.map((body) => body.toString('base64')) } },
  });
  const head = (count: number): string => JSON.stringify({ inputs: [{ name: 'image', shape: [count, features], datatype: 'FP32', parameters: { binary_data_size: count * features * 4 } }], parameters: { binary_data_output: true } });
  const raw = (count: number, data: readonly Float32Array<ArrayBuffer>[]): Contender['over'] => http('application/octet-stream', { 'Inference-Header-Content-Length': String(head(count).length) }, data.map((row) => Buffer.concat([Buffer.from(head(count)), Buffer.from(row.buffer)])));
  const many = inputRows(features, seed, MANY).slice(0, 4);
  return [
    {
      name: 'oip-json', title: 'OIP REST, JSON, 784 floats', pid, rows: 1, bar: { against: 'native-json', most: 1.25 },
      over: http('application/json', {}, rows.map((row) => Buffer.from(`{"inputs":[{"name":"image","shape":[1,${features}],"datatype":"FP32","data":[${numbersJson(row)}]}]}`))),
    },
    { name: 'oip-binary', title: 'OIP REST, binary, 784 floats', pid, rows: 1, bar: { against: 'native-binary', most: 1.15 }, over: raw(1, rows) },
    { name: 'oip-binary-1000', title: `OIP REST, binary, ${MANY} rows of 784 floats`, pid, rows: MANY, bar: { microsPerRow: 2 }, over: raw(MANY, many) },
    {
      name: 'oip-grpc', title: 'OIP gRPC, raw, 784 floats', pid, rows: 1, bar: { against: 'bare-grpc', most: 1.45 },
      over: { kind: 'grpc', address: grpc, path: INFER_PATH, messages: rows.map((row) => inferMessage(app, row, features).toString('base64')) },
    },
  ];
}

/** A `ModelInferRequest` of one row. */
export function inferMessage(model: string, row: Float32Array<ArrayBuffer>, features: number): Buffer {
  const input = new ProtoWriter().text(1, 'image').text(2, 'FP32').packed(3, [1, features]);
  return Buffer.from(new ProtoWriter().text(1, model).nested(5, input.bytes).nested(7, new Uint8Array(row.buffer)).bytes);
}
