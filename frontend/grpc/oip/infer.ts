import { readInferRequest, writeInferResponse, type InferInput, type InferRequest, type ParameterValue } from '../../../protos/oip-infer.ts';
import { readTypedContents } from '../../../protos/oip-contents.ts';
import { OIP_DATATYPE } from '../../../protos/oip-datatype.ts';
import { ProtoReader } from '../../../protos/protobuf.ts';
import type { Failure } from '../../domain/answer.ts';
import type { Micros } from '../../domain/clock.ts';
import type { InputColumn } from '../../domain/query.ts';
import type { Served } from '../../domain/served.ts';
import type { SlabPool } from '../../domain/slabs.ts';
import { askOfHeaders, guarded, isFailure, type AskedRows, type CountedRows } from '../../protocols/ask.ts';
import { askOfParameters } from '../../protocols/oip/ask-parameters.ts';
import { findServed } from '../../protocols/oip/find-served.ts';
import type { InferAnswer, WantedOutput } from '../../protocols/oip/infer-answer.ts';
import { InferCall, releaseColumns, type InferParts, type InferTarget } from '../../protocols/oip/infer-call.ts';
import { InputPlan, type FittedInput } from '../../protocols/oip/input-plan.ts';
import { rawColumn } from '../../protocols/oip/raw-column.ts';
import type { CallHead } from '../call-metadata.ts';
import type { UnaryCall } from '../unary-call.ts';
import { callFailure } from '../grpc-status.ts';
import { framePrefix } from '../message-frame.ts';

/** Where a request came from, and who gets what it comes to. */
export interface InferAsker extends InferTarget {
  readonly head: CallHead;
  readonly arrivedAtMicros: Micros;
}

/** `ModelInfer`: one message in, one out, or a status. */
export function inferUnary(parts: InferParts, call: UnaryCall): void {
  const request = readInferRequest(call.message);
  const running = infer(parts, request, {
    head: call, arrivedAtMicros: call.arrivedAtMicros,
    // Its parameters hold the facts; trailing metadata would say them again, for a tenth of the call's CPU.
    answered: (answer) => call.answerFramed(answerMessage(answer, request.id, framePrefix)),
    refused: (failure, decisionId) => call.fail(callFailure(failure), decisionId === undefined ? [] : [['tradewind-decision-id', decisionId]]),
  }, call.message);
  if (running !== undefined) call.onGone(() => running.cancel());
}

/** Asks what a request asks; undefined where it is settled already. */
export function infer(parts: InferParts, request: InferRequest, asker: InferAsker, message: Buffer): InferCall | undefined {
  const { head, arrivedAtMicros } = asker;
  const served = findServed(parts.served, request.model, request.version);
  const settled = (failure: Failure): undefined => settle(parts, asker, failure);
  if ('code' in served) return settled(served);
  const denied = guarded(served, parts.access, head.header('authorization'));
  if (denied !== undefined) return settled(denied);
  const beside = askOfHeaders((name) => head.header(name));
  const ask = isFailure(beside) ? beside : askOfParameters((key) => request.parameters.get(key), beside);
  if (isFailure(ask)) return settled(ask);
  const input = inputOf(parts, served, request, message);
  if ('code' in input) return settled(input);
  const running = new InferCall(parts, { served, wanted: wantedOf(request), ask, arrivedAtMicros, patienceMicros: head.patienceMicros }, asker);
  running.submit(input);
  return running.over ? undefined : running;
}

/** The asker has its refusal: nothing is under way. */
function settle({ refused }: InferParts, asker: InferAsker, failure: Failure): undefined {
  refused.add(failure.code);
  asker.refused(failure);
  return undefined;
}

const NO_MORE = Object.freeze({});

/** An answer as a `ModelInferResponse`, behind the bytes that `prefix` says for its length; `more` stands among its parameters. */
export function answerMessage({ model, version, facts, outputs }: InferAnswer, id: string, prefix: (bytes: number) => Uint8Array, more: Readonly<Record<string, ParameterValue>> = NO_MORE): Buffer {
  const response = {
    model, version, id, parameters: { ...facts, ...more },
    outputs: outputs.map(({ name, dtype, shape, bytes, write }) => ({ name, datatype: OIP_DATATYPE[dtype], shape, bytes, write })),
  };
  return writeInferResponse(response, prefix);
}

function wantedOf({ outputs }: InferRequest): WantedOutput[] {
  return outputs.map(({ name, parameters }) => {
    const classes = parameters.get('classification');
    return typeof classes === 'number' && classes > 0 ? { name, classes } : { name };
  });
}

/** The rows of a request; only counted where nobody knows the inputs of this name yet. */
function inputOf({ slabs }: InferParts, served: Served, request: InferRequest, message: Buffer): AskedRows | CountedRows | Failure {
  const plan = InputPlan.of(served.name, served.view);
  const columns: InputColumn[] = [];
  let asked: AskedRows | CountedRows | Failure | undefined;
  try {
    asked = rawRefusal(request, served.name) ?? filled(plan, { request, message, slabs, columns });
    return asked;
  } finally {
    // Also where the bytes of typed contents turned out to be none.
    if (asked === undefined || 'code' in asked || asked.columns === undefined) releaseColumns(columns, slabs);
  }
}

interface Filling {
  readonly request: InferRequest;
  readonly message: Buffer;
  readonly slabs: SlabPool;
  /** Those that are filled. */
  readonly columns: InputColumn[];
}

function filled(plan: InputPlan, { request, message, slabs, columns }: Filling): AskedRows | CountedRows | Failure {
  const rows: number[] = [];
  for (const [at, input] of request.inputs.entries()) {
    const fitted = plan.fit(input);
    if ('code' in fitted) return fitted;
    const column = rawColumn(fitted, elementsOf({ request, input, at, fitted }, message), slabs);
    if ('code' in column) return column;
    columns.push(column);
    rows.push(fitted.rows);
  }
  return plan.rowsOf(columns, rows);
}

function rawRefusal({ raw, inputs }: InferRequest, model: string): Failure | undefined {
  if (raw.length === 0) return undefined;
  if (inputs.some(({ contents }) => contents !== undefined)) {
    return { code: 'ambiguous_input', message: `contents field must not be specified when using raw_input_contents for model '${model}'` };
  }
  return raw.length === inputs.length ? undefined : { code: 'wrong_shape', message: `expected ${inputs.length} raw input contents for model '${model}', got ${raw.length}` };
}

interface Given {
  readonly request: InferRequest;
  readonly input: InferInput;
  readonly at: number;
  readonly fitted: FittedInput;
}

function elementsOf({ request, input, at, fitted }: Given, message: Buffer): Uint8Array {
  const raw = request.raw[at];
  if (raw !== undefined) return message.subarray(raw.from, raw.from + raw.length);
  if (input.contents === undefined) return new Uint8Array();
  const { from, length } = input.contents;
  return readTypedContents(new ProtoReader(message, from, from + length), fitted.spec.dtype, fitted.rows * fitted.elements);
}
