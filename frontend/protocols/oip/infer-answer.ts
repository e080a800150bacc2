import type { Answer, Failure } from '../../domain/answer.ts';
import type { Served } from '../../domain/served.ts';
import { answerFacts, type AnswerFacts } from '../answer-facts.ts';
import { answerTensors, type AnswerTensor } from '../answer-tensors.ts';
import { classified } from './classification.ts';

/** An output that the caller named. */
export interface WantedOutput {
  readonly name: string;
  /** So many classes, most probable first, in place of the scores; absent: the output itself. */
  readonly classes?: number;
}

/** An answer as both forms of the protocol give it. */
export interface InferAnswer {
  readonly model: string;
  readonly version: string;
  /** What the response's parameters say. */
  readonly facts: AnswerFacts;
  readonly outputs: readonly AnswerTensor[];
}

/** Why a name that a caller wants is no output, before anybody is asked. */
export function unknownOutput({ name, outputs }: Served, wanted: readonly WantedOutput[]): Failure | undefined {
  if (outputs === undefined) return undefined;
  const unknown = wanted.find((output) => outputs.tensors.every((tensor) => tensor.name !== output.name));
  return unknown === undefined ? undefined : { code: 'invalid_field', message: `unexpected inference output '${unknown.name}' for model '${name}'` };
}

/** The answer with the outputs that are wanted (none named: all), in the model's order. */
export function inferAnswer(answer: Extract<Answer, { ok: true }>, served: Served, wanted: readonly WantedOutput[]): InferAnswer | Failure {
  const all = answerTensors(answer.rows, served.outputs);
  if (typeof all === 'string') return { code: 'invalid_output', message: `the answer of '${served.name}' is not one tensor: ${all}` };
  const outputs = wanted.length === 0 ? all : chosen(all, served, wanted);
  if ('code' in outputs) return outputs;
  return { model: served.name, version: String(versionOf(answer, served)), facts: answerFacts(answer), outputs };
}

function chosen(all: readonly AnswerTensor[], served: Served, wanted: readonly WantedOutput[]): readonly AnswerTensor[] | Failure {
  const outputs: AnswerTensor[] = [];
  for (const tensor of all) {
    const want = wanted.find(({ name }) => name === tensor.name);
    if (want === undefined) continue;
    const classes = want.classes === undefined ? tensor : classified(tensor, want.classes, served.outputs?.classNames);
    if (classes === undefined) return { code: 'invalid_field', message: `output '${tensor.name}' of '${served.name}' has no classes` };
    outputs.push(classes);
  }
  return outputs;
}

/** Of a model the version that answered; of an app its own, unless the model that answered is its namesake. */
function versionOf({ model, version }: Extract<Answer, { ok: true }>, served: Served): number {
  return version !== undefined && (served.kind === 'model' || model === served.name) ? version : served.version;
}
