import type { Answer } from '../../domain/answer.ts';
import { ERRORS } from '../../domain/errors.ts';
import type { Served } from '../../domain/served.ts';
import { factHeaders } from '../../protocols/answer-facts.ts';
import { askOfHeaders, guarded, isFailure, type AskedRows, type CountedRows } from '../../protocols/ask.ts';
import { answerTensors } from '../../protocols/answer-tensors.ts';
import { classesOf, readRows, regressionOf } from '../../protocols/tfs/classified.ts';
import { exampleColumns, exampleCount, type ExampleList } from '../../protocols/tfs/examples.ts';
import { outputRefusal } from '../../protocols/tfs/outputs.ts';
import { refuse, statusOf, type TfsRefusal } from '../../protocols/tfs/refusal.ts';
import { answeredVersion, submitRows, type TfsParts } from '../../protocols/tfs/running.ts';
import { findServable } from '../../protocols/tfs/servable.ts';
import { DEFAULT_SIGNATURE, METHOD_NAME, publishedSignatures, signatureRefusal, type Method } from '../../protocols/tfs/signature.ts';
import { statusNumber } from '../grpc-status.ts';
import type { GrpcService } from '../service.ts';
import type { UnaryCall } from '../unary-call.ts';
import { classificationResult, multiInferenceResponse, readExamplesRequest, readMultiInferenceRequest, regressionResult, resultResponse, type Echo, type InferenceResult, type InferenceTask } from './example-codec.ts';
import { metadataResponse, readMetadataRequest } from './metadata-codec.ts';
import type { ModelSpec } from './model-spec.ts';
import { predictRowCount, predictRows, readPredictRequest, writePredictResponse } from './predict-codec.ts';

export interface PredictionServiceOptions extends TfsParts {
  /** Of the tensors of one request, with repeated values written out. */
  readonly maxBytes: number;
  /** A fault of ours while one call was served; its caller is told `INTERNAL`. */
  readonly onFault: (fault: unknown, method: string) => void;
}

type Given = Extract<Answer, { readonly ok: true }>;
/** What an answer becomes, or why it becomes nothing. */
type Encode = (answer: Given) => Buffer | TfsRefusal;

const MAX_EXAMPLES = 4096;

/** `tensorflow.serving.PredictionService`: messages to queries and answers to messages; what happens between is the road's. */
export function predictionService(options: PredictionServiceOptions): GrpcService {
  return {
    name: 'tensorflow.serving.PredictionService', proto: 'tensorflow_serving.proto',
    methods: {
      Predict: { kind: 'unary', handle: (call) => predict(options, call) },
      Classify: { kind: 'unary', handle: (call) => ofExamples(options, call, 'classify') },
      Regress: { kind: 'unary', handle: (call) => ofExamples(options, call, 'regress') },
      MultiInference: { kind: 'unary', handle: (call) => multiInference(options, call) },
      GetModelMetadata: { kind: 'unary', handle: (call) => metadata(options, call) },
    },
  };
}

function predict(options: PredictionServiceOptions, call: UnaryCall): void {
  const request = readPredictRequest(call.message);
  if ('code' in request) return refuseCall(options, call, request);
  const served = servedBy(options, call, request.spec);
  if ('code' in served) return refuseCall(options, call, served);
  const { signatureName, name } = request.spec ?? NOBODY;
  const refusal = predictSignature(served, signatureName) ?? outputRefusal(served, request.outputFilter);
  if (refusal !== undefined) return refuseCall(options, call, refusal);
  const rows = served.view.inputs === undefined ? predictRowCount(request) : predictRows(call.message, request, served, options);
  if ('code' in rows) return refuseCall(options, call, rows);
  run(options, call, served, rows, (answer) => {
    const tensors = answerTensors(answer.rows, served.outputs);
    if (typeof tensors === 'string') return refuse('invalid_output', tensors);
    const { outputFilter } = request;
    const wanted = outputFilter.length === 0 ? tensors : tensors.filter((tensor) => outputFilter.includes(tensor.name));
    return writePredictResponse(wanted, name, answeredVersion(served, answer), signatureName === '' ? DEFAULT_SIGNATURE : signatureName);
  });
}

/** Here an unknown signature has a status of its own. */
function predictSignature(served: Served, signatureName: string): TfsRefusal | undefined {
  const refusal = signatureRefusal(served, 'predict', signatureName);
  if (refusal === undefined || publishedSignatures(served).some(({ name }) => name === signatureName)) return refusal;
  return refuse('invalid_field', `Serving signature key "${signatureName}" not found.`, 'FAILED_PRECONDITION');
}

function ofExamples(options: PredictionServiceOptions, call: UnaryCall, method: 'classify' | 'regress'): void {
  const { spec, list } = readExamplesRequest(call.message);
  const served = servedBy(options, call, spec);
  if ('code' in served) return refuseCall(options, call, served);
  const { name, signatureName } = spec ?? NOBODY;
  const refusal = signatureRefusal(served, method, signatureName);
  if (refusal !== undefined) return refuseCall(options, call, refusal);
  const rows = exampleRows(options, served, list);
  if ('code' in rows) return refuseCall(options, call, rows);
  run(options, call, served, rows, (answer) => {
    const result = resultOf(method, answer, served);
    return result instanceof Uint8Array ? resultResponse(result, echoOf(name, signatureName, answeredVersion(served, answer))) : result;
  });
}

/** One query for all tasks: they ask the same model for the same Examples. */
function multiInference(options: PredictionServiceOptions, call: UnaryCall): void {
  const { tasks, list } = readMultiInferenceRequest(call.message);
  const [first] = tasks;
  if (first === undefined) return refuseCall(options, call, refuse('invalid_field', 'Inference request must have at least one task.'));
  const differs = tasks.some(({ spec }) => spec.name !== first.spec.name || spec.version !== first.spec.version || spec.label !== first.spec.label);
  if (differs) return refuseCall(options, call, refuse('invalid_field', 'All ModelSpecs in a MultiInferenceRequest must access the same model name.'));
  const served = servedBy(options, call, first.spec);
  if ('code' in served) return refuseCall(options, call, served);
  const methods = methodsOf(tasks, served);
  if ('code' in methods) return refuseCall(options, call, methods);
  const rows = exampleRows(options, served, list);
  if ('code' in rows) return refuseCall(options, call, rows);
  run(options, call, served, rows, (answer) => {
    const results: InferenceResult[] = [];
    for (const [i, { spec: { name, signatureName } }] of tasks.entries()) {
      const kind = methods[i] ?? 'classify';
      const result = resultOf(kind, answer, served);
      if (!(result instanceof Uint8Array)) return result;
      results.push({ echo: echoOf(name, signatureName, answeredVersion(served, answer)), kind, result: Uint8Array.from(result) });
    }
    return multiInferenceResponse(results);
  });
}

function methodsOf(tasks: readonly InferenceTask[], served: Served): ('classify' | 'regress')[] | TfsRefusal {
  const seen = new Set<string>();
  const methods: ('classify' | 'regress')[] = [];
  for (const { spec: { signatureName }, methodName } of tasks) {
    const name = signatureName === '' ? DEFAULT_SIGNATURE : signatureName;
    if (seen.has(name)) return refuse('invalid_field', `Duplicate evaluation of signature: ${name}`);
    seen.add(name);
    const method = methodName === METHOD_NAME.classify ? 'classify' : methodName === METHOD_NAME.regress ? 'regress' : undefined;
    if (method === undefined) return refuse('invalid_field', `Unsupported signature method_name: ${methodName}`, 'UNIMPLEMENTED');
    const refusal = signatureRefusal(served, method, signatureName);
    if (refusal !== undefined) return refusal;
    methods.push(method);
  }
  return methods;
}

function metadata(options: PredictionServiceOptions, call: UnaryCall): void {
  const { spec, fields } = readMetadataRequest(call.message);
  if (fields.length === 0) return refuseCall(options, call, refuse('invalid_field', 'GetModelMetadataRequest must specify at least one metadata_field'));
  const unknown = fields.find((field) => field !== 'signature_def');
  if (unknown !== undefined) return refuseCall(options, call, refuse('invalid_field', `Metadata field ${unknown} is not supported`));
  const found = spec === undefined || spec.name === '' ? undefined : findServable(options.served, spec);
  if (found === undefined) return refuseCall(options, call, MISSING_SPEC);
  if (found.ok) call.answer(metadataResponse(found.served.name, found.served.version, publishedSignatures(found.served)));
  else refuseCall(options, call, found.refusal);
}

const NOBODY: ModelSpec = Object.freeze({ name: '', signatureName: '' });
const MISSING_SPEC = refuse('invalid_field', 'Missing ModelSpec');

/** What the request asks, if its caller may. */
function servedBy({ served, access }: PredictionServiceOptions, call: UnaryCall, spec: ModelSpec | undefined): Served | TfsRefusal {
  if (spec === undefined || spec.name === '') return MISSING_SPEC;
  const found = findServable(served, spec);
  return found.ok ? guarded(found.served, access, call.header('authorization')) ?? found.served : found.refusal;
}

function exampleRows({ slabs, maxBytes }: PredictionServiceOptions, { view }: Served, list: ExampleList): AskedRows | CountedRows | TfsRefusal {
  if (view.inputs === undefined) return exampleCount(list, MAX_EXAMPLES);
  const read = exampleColumns(list, view.inputs, { slabs, maxRows: MAX_EXAMPLES, maxBytes });
  return read.ok ? read : read.refusal;
}

function resultOf(method: Exclude<Method, 'predict'>, answer: Given, { outputs }: Served): Uint8Array | TfsRefusal {
  if (method === 'classify') {
    const rows = readRows(answer, outputs, classesOf);
    return typeof rows === 'string' ? refuse('invalid_output', rows, 'INVALID_ARGUMENT') : classificationResult(rows);
  }
  const values = readRows(answer, outputs, regressionOf);
  return typeof values === 'string' ? refuse('invalid_output', values, 'INVALID_ARGUMENT') : regressionResult(values);
}

function echoOf(name: string, signatureName: string, version: number): Echo {
  return { name, version, signatureName: signatureName === '' ? DEFAULT_SIGNATURE : signatureName };
}

/** Asks, and answers the call with what the answer becomes. */
function run(options: PredictionServiceOptions, call: UnaryCall, served: Served, rows: AskedRows | CountedRows, encode: Encode): void {
  const ask = askOfHeaders((name) => call.header(name));
  if (isFailure(ask)) {
    for (const { slab } of rows.columns ?? []) options.slabs.release(slab);
    return refuseCall(options, call, ask);
  }
  let over = false;
  const running = submitRows(options, { served, ask, arrivedAtMicros: call.arrivedAtMicros, patienceMicros: call.patienceMicros }, rows, {
    answered: (answer) => {
      over = true;
      const facts = factHeaders(answer);
      if (!answer.ok) return fail(call, answer.failure, facts);
      const message = encoded(options, answer, encode);
      if (message instanceof Uint8Array) call.answer(message, facts);
      else fail(call, message, facts);
    },
  });
  if ('code' in running) refuseCall(options, call, running);
  else if (!over) call.onGone(() => running.cancel());
}

/** What is wrong with one answer must not reach the road, which has others to give. */
function encoded({ onFault }: PredictionServiceOptions, answer: Given, encode: Encode): Buffer | TfsRefusal {
  try {
    return encode(answer);
  } catch (fault) {
    onFault(fault, 'tensorflow.serving.PredictionService');
    return refuse('internal', ERRORS.internal.message);
  }
}

/** Before it was a query. */
function refuseCall({ refused }: PredictionServiceOptions, call: UnaryCall, refusal: TfsRefusal): void {
  refused.add(refusal.code);
  fail(call, refusal);
}

function fail(call: UnaryCall, refusal: TfsRefusal, facts: ReturnType<typeof factHeaders> = []): void {
  call.fail({ code: statusNumber(statusOf(refusal)), message: refusal.message === '' ? ERRORS[refusal.code].message : refusal.message }, facts);
}
