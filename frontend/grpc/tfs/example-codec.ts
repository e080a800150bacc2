import { ProtoReader, ProtoWriter } from '../../../protos/protobuf.ts';
import { WireError } from '../../../protos/wire.ts';
import type { ScoredClass } from '../../protocols/tfs/classified.ts';
import type { Example, ExampleList, Feature } from '../../protocols/tfs/examples.ts';
import { readModelSpec, writeModelSpec, type ModelSpec } from './model-spec.ts';

/** `ClassificationRequest` and `RegressionRequest`, which lie alike. */
export interface ExamplesRequest {
  readonly spec: ModelSpec | undefined;
  readonly list: ExampleList;
}
/** `MultiInferenceRequest`. */
export interface MultiInferenceRequest {
  readonly tasks: readonly InferenceTask[];
  readonly list: ExampleList;
}
export interface InferenceTask {
  readonly spec: ModelSpec;
  readonly methodName: string;
}

const MOST_EXAMPLES = 4096;
const MOST_TASKS = 64;
const MOST_VALUES = 8 * 1024 * 1024;
const NO_EXAMPLES: ExampleList = Object.freeze({ examples: [] });

export function readExamplesRequest(message: Buffer): ExamplesRequest {
  const reader = new ProtoReader(message);
  let spec: ModelSpec | undefined;
  let list = NO_EXAMPLES;
  while (reader.next()) {
    if (reader.field === 1) spec = readModelSpec(reader.message());
    else if (reader.field === 2) list = readInput(reader.message());
    else reader.skip();
  }
  return { spec, list };
}

export function readMultiInferenceRequest(message: Buffer): MultiInferenceRequest {
  const reader = new ProtoReader(message);
  const tasks: InferenceTask[] = [];
  let list = NO_EXAMPLES;
  while (reader.next()) {
    if (reader.field === 1) tasks.push(readTask(reader.message()));
    else if (reader.field === 2) list = readInput(reader.message());
    else reader.skip();
    if (tasks.length > MOST_TASKS) throw new WireError(`more than ${MOST_TASKS} tasks`);
  }
  return { tasks, list };
}

function readTask(reader: ProtoReader): InferenceTask {
  let spec: ModelSpec = { name: '', signatureName: '' };
  let methodName = '';
  while (reader.next()) {
    if (reader.field === 1) spec = readModelSpec(reader.message());
    else if (reader.field === 2) methodName = reader.text();
    else reader.skip();
  }
  return { spec, methodName };
}

/** `Input`: a list of Examples, with a context or without. */
function readInput(reader: ProtoReader): ExampleList {
  let list = NO_EXAMPLES;
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 2) list = readList(reader.message());
    else reader.skip();
  }
  return list;
}

function readList(reader: ProtoReader): ExampleList {
  const examples: Example[] = [];
  let context: Example | undefined;
  while (reader.next()) {
    if (reader.field === 1) examples.push(readExample(reader.message()));
    else if (reader.field === 2) context = readExample(reader.message());
    else reader.skip();
    if (examples.length > MOST_EXAMPLES) throw new WireError(`more than ${MOST_EXAMPLES} Examples`);
  }
  return { examples, ...(context === undefined ? {} : { context }) };
}

function readExample(reader: ProtoReader): Example {
  const example = new Map<string, Feature>();
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const features = reader.message();
    while (features.next()) {
      if (features.field === 1) readFeature(features.message(), example);
      else features.skip();
    }
  }
  return example;
}

function readFeature(entry: ProtoReader, example: Map<string, Feature>): void {
  let name = '';
  let feature: Feature | undefined;
  while (entry.next()) {
    if (entry.field === 1) name = entry.text();
    else if (entry.field === 2) feature = readKind(entry.message());
    else entry.skip();
  }
  // A feature without a kind is as one that is not there.
  if (feature !== undefined) example.set(name, feature);
}

function readKind(reader: ProtoReader): Feature | undefined {
  let feature: Feature | undefined;
  while (reader.next()) {
    switch (reader.field) {
      case 1: feature = { kind: 'bytes', values: readBytes(reader.message()) }; break;
      case 2: feature = { kind: 'float', values: readFloats(reader.message()) }; break;
      case 3: feature = { kind: 'int64', values: readIntegers(reader.message()) }; break;
      default: reader.skip();
    }
  }
  return feature;
}

function readBytes(reader: ProtoReader): Uint8Array[] {
  const values: Uint8Array[] = [];
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const { from, length } = reader.span();
    values.push(reader.bytes.subarray(from, from + length));
  }
  return values;
}

function readFloats(reader: ProtoReader): ArrayLike<number> {
  const values: number[] = [];
  while (reader.next()) {
    if (reader.field !== 1) {
      reader.skip();
      continue;
    }
    const raw = reader.fixed(4);
    if (raw.length % 4 !== 0) throw new WireError('a packed field does not end where it says');
    for (let at = 0; at < raw.length; at += 4) values.push(raw.readFloatLE(at));
  }
  return values;
}

function readIntegers(reader: ProtoReader): ArrayLike<bigint> {
  const values: bigint[] = [];
  while (reader.next()) {
    if (reader.field === 1) reader.varints(() => values.push(BigInt.asIntN(64, reader.bigVarint())));
    else reader.skip();
    if (values.length > MOST_VALUES) throw new WireError(`more than ${MOST_VALUES} values`);
  }
  return values;
}

const outer = new ProtoWriter();
const middle = new ProtoWriter();
const inner = new ProtoWriter();

/** A `ClassificationResult`. Valid until the next one is written. */
export function classificationResult(rows: readonly (readonly ScoredClass[])[]): Uint8Array {
  outer.reset();
  for (const classes of rows) {
    middle.reset();
    for (const { label, score } of classes) middle.nested(1, inner.reset().text(1, label).float(2, score).bytes);
    outer.nested(1, middle.bytes);
  }
  return outer.bytes;
}

/** A `RegressionResult`. Valid until the next one is written. */
export function regressionResult(values: readonly number[]): Uint8Array {
  outer.reset();
  for (const value of values) outer.nested(1, inner.reset().float(1, value).bytes);
  return outer.bytes;
}

/** What an answer echoes. */
export interface Echo {
  readonly name: string;
  readonly version: number;
  readonly signatureName: string;
}

/** `ClassificationResponse` and `RegressionResponse`: `result = 1`, `model_spec = 2`. */
export function resultResponse(result: Uint8Array, { name, version, signatureName }: Echo): Buffer {
  return Buffer.from(new ProtoWriter().nested(1, result).nested(2, writeModelSpec(name, version, signatureName)).bytes);
}

/** One `InferenceResult`. */
export interface InferenceResult {
  readonly echo: Echo;
  readonly kind: 'classify' | 'regress';
  readonly result: Uint8Array;
}

export function multiInferenceResponse(results: readonly InferenceResult[]): Buffer {
  const response = new ProtoWriter();
  for (const { echo, kind, result } of results) {
    const spec = writeModelSpec(echo.name, echo.version, echo.signatureName);
    response.nested(1, new ProtoWriter().nested(1, spec).nested(kind === 'classify' ? 2 : 3, result).bytes);
  }
  return Buffer.from(response.bytes);
}
