import { ProtoWriter } from '../../protos/protobuf.ts';
import type { Random } from '../load/random.ts';
import { below, chance, pick, randomBytes } from './draw.ts';

/** The control question, whose answer is known: what the HTTP door is asked too. */
const ROW = Float32Array.of(13.2, 1.78, 2.14, 11.2, 100, 2.65, 2.76, 0.26);
const OIP = '/inference.GRPCInferenceService';
const TFS = '/tensorflow.serving.PredictionService';

/** A method, and a message that is right for it. */
export interface GrpcAsk {
  readonly path: string;
  readonly message: Buffer;
}

export const INFER_PATH = `${OIP}/ModelInfer`;
export const STREAM_PATH = `${OIP}/ModelStreamInfer`;

function message(...fields: ((writer: ProtoWriter) => ProtoWriter)[]): Buffer {
  const writer = new ProtoWriter();
  for (const field of fields) field(writer);
  return Buffer.from(writer.bytes);
}

interface OipInput {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly raw: Uint8Array;
}

function infer(model: string, inputs: readonly OipInput[]): Buffer {
  const writer = new ProtoWriter().text(1, model).text(3, 'r');
  for (const { name, datatype, shape } of inputs) writer.nested(5, new ProtoWriter().text(1, name).text(2, datatype).packed(3, shape).bytes);
  for (const { raw } of inputs) writer.nested(7, raw);
  return Buffer.from(writer.bytes);
}

/** What every app is asked, with `input` as the name of the one input of linear-8. */
export function grpcAsks(input: string): { readonly control: GrpcAsk; readonly asks: readonly GrpcAsk[] } {
  const row = new Uint8Array(ROW.buffer);
  const eight = (model: string): Buffer => infer(model, [{ name: input, datatype: 'FP32', shape: [1, 8], raw: row }]);
  const typed = message(
    (writer) => writer.text(1, 'eight'),
    (writer) => writer.nested(4, message((entry) => entry.text(1, 'timeout'), (entry) => entry.nested(2, message((value) => value.varint(2, 500_000))))),
    (writer) => writer.nested(5, message((of) => of.text(1, input), (of) => of.text(2, 'FP32'), (of) => of.packed(3, [1, 8]), (of) => of.nested(5, message((contents) => contents.nested(6, row))))),
    (writer) => writer.nested(6, message((of) => of.text(1, 'label'))),
  );
  const mixed = infer('mixed', [
    { name: 'ids', datatype: 'INT64', shape: [1, 2], raw: new Uint8Array(16) }, { name: 'flag', datatype: 'BOOL', shape: [1, 1], raw: Uint8Array.of(1) },
    { name: 'name', datatype: 'BYTES', shape: [1, 1], raw: Uint8Array.of(2, 0, 0, 0, 0x61, 0x62) }, { name: 'grid', datatype: 'FP32', shape: [1, 2, 2], raw: new Uint8Array(16) },
  ]);
  const spec = message((of) => of.text(1, 'eight'));
  const shape = message(...[1, 8].map((extent) => (of: ProtoWriter) => of.nested(2, message((dim) => dim.varint(1, extent)))));
  const tensor = (field: 4 | 5): Buffer => message((of) => of.varint(1, 1), (of) => of.nested(2, shape), (of) => of.nested(field, row));
  const predict = (field: 4 | 5): Buffer => message((of) => of.nested(1, spec), (of) => of.nested(2, message((entry) => entry.text(1, input), (entry) => entry.nested(2, tensor(field)))));
  const example = message((of) => of.nested(1, message((features) => features.nested(1, message((entry) => entry.text(1, input), (entry) => entry.nested(2, message((feature) => feature.nested(2, message((list) => list.nested(1, row))))))))));
  return {
    control: { path: INFER_PATH, message: eight('control') },
    asks: [
      { path: INFER_PATH, message: eight('eight') }, { path: INFER_PATH, message: typed }, { path: INFER_PATH, message: mixed },
      { path: INFER_PATH, message: infer('free', [{ name: 'input', datatype: 'FP32', shape: [2, 3], raw: new Uint8Array(24) }]) },
      { path: `${TFS}/Predict`, message: predict(4) }, { path: `${TFS}/Predict`, message: predict(5) },
      { path: `${TFS}/Classify`, message: message((of) => of.nested(1, spec), (of) => of.nested(2, message((list) => list.nested(1, message((examples) => examples.nested(1, example)))))) },
      { path: `${TFS}/GetModelMetadata`, message: message((of) => of.nested(1, spec), (of) => of.text(2, 'signature_def')) },
      { path: '/tensorflow.serving.ModelService/GetModelStatus', message: message((of) => of.nested(1, spec)) },
      { path: '/tradewind.v1.Feedback/Give', message: message((of) => of.nested(1, message((item) => item.text(1, 'no.receipt'), (item) => item.double(2, 0.5)))) },
      { path: '/grpc.health.v1.Health/Check', message: message((of) => of.text(1, 'inference.GRPCInferenceService')) },
      { path: `${OIP}/ModelMetadata`, message: message((of) => of.text(1, 'eight')) }, { path: `${OIP}/ModelConfig`, message: message((of) => of.text(1, 'mixed')) },
      { path: `${OIP}/ModelStatistics`, message: Buffer.alloc(0) }, { path: `${OIP}/RepositoryIndex`, message: Buffer.alloc(0) },
    ],
  };
}

const DATATYPES = ['FP32', 'FP16', 'INT64', 'BOOL', 'BYTES', 'UINT8', 'fp32', ''];
const EXTENTS = [0, 1, 2, 8, 4096, 4097, 2 ** 31, 2 ** 53];

/** A request whose parts are each of the protocol and do not go together: models, datatypes, shapes, raw contents of any length and number. */
export function strayInfer(draw: Random, input: string): Buffer {
  const inputs = Array.from({ length: below(draw, 4) }, () => ({
    name: pick(draw, [input, 'ids', 'flag', 'name', 'grid', 'input', '']), datatype: pick(draw, DATATYPES),
    shape: Array.from({ length: below(draw, 4) }, () => pick(draw, EXTENTS)), raw: randomBytes(draw, chance(draw, 0.5) ? 32 : below(draw, 80)),
  }));
  const request = infer(pick(draw, ['eight', 'mixed', 'free', 'linear-8', 'nobody', '']), inputs);
  return chance(draw, 0.3) ? Buffer.concat([request, message((of) => of.nested(7, randomBytes(draw, below(draw, 64))))]) : request;
}
