import { parseTensorSpec } from '../../protos/parse-headers.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import type { Law } from './law.ts';

/** What the synthetic container's `options` come to. Each key is described in the table of model-containers/README.md. */
export interface SyntheticOptions {
  readonly law: Law;
  readonly startMs: number;
  readonly exitAtStart: boolean;
  readonly mute: boolean;
  readonly saysModel: string | undefined;
  readonly badToken: boolean;
  readonly echo: boolean;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly maxBatch: number | undefined;
  readonly maxInFlight: number | undefined;
  readonly warmUp: readonly number[];
}

const DEFAULT_INPUT: TensorSpec = Object.freeze({ name: 'input', dtype: 'float32', shape: [-1] });
const PROBABILITIES = ['fail', 'crash', 'hang', 'wrong_rows', 'garbage'] as const;
const KEYS = new Set<string>([
  ...PROBABILITIES, 'per_batch_ms', 'per_row_ms', 'noise', 'pad_to', 'poison', 'row_error', 'start_ms', 'exit_at_start', 'mute',
  'says_model', 'bad_token', 'seed', 'echo', 'input', 'output', 'max_batch', 'max_in_flight', 'warm_up',
]);

/** Throws one Error with every fault. `declared` is what the configuration says of the inputs; the option `input` wins. */
export function readOptions(options: Readonly<Record<string, unknown>>, declared: readonly TensorSpec[] | undefined): SyntheticOptions {
  const faults: string[] = [];
  for (const key of Object.keys(options)) if (!KEYS.has(key)) faults.push(`option ${key} is unknown`);
  const number = (key: string, fallback: number, max: number): number => {
    const value = options[key] ?? fallback;
    if (typeof value === 'number' && value >= 0 && value <= max) return value;
    faults.push(`option ${key} is not a number from 0 to ${max}`);
    return fallback;
  };
  const value = (key: string): number | undefined => {
    const given = options[key];
    if (given !== undefined && typeof given !== 'number') faults.push(`option ${key} is not a number`);
    return typeof given === 'number' ? given : undefined;
  };
  const flag = (key: string): boolean => {
    const given = options[key] ?? false;
    if (typeof given !== 'boolean') faults.push(`option ${key} is not true or false`);
    return given === true;
  };
  const count = (key: string): number | undefined => {
    const given = options[key];
    if (given === undefined || (Number.isSafeInteger(given) && Number(given) >= 1)) return given as number | undefined;
    faults.push(`option ${key} is not an integer of 1 or more`);
    return undefined;
  };
  const echo = flag('echo');
  const inputs = readInputs(options['input'], declared, faults);
  const law: Law = {
    perBatchMs: number('per_batch_ms', 0, 3_600_000),
    perRowMs: number('per_row_ms', 0, 3_600_000),
    noise: number('noise', 0, 1),
    padTo: readPadTo(options['pad_to'], faults),
    seed: number('seed', 1, Number.MAX_SAFE_INTEGER),
    fail: number('fail', 0, 1),
    crash: number('crash', 0, 1),
    hang: number('hang', 0, 1),
    wrongRows: number('wrong_rows', 0, 1),
    garbage: number('garbage', 0, 1),
    poison: value('poison'),
    rowError: value('row_error'),
  };
  if (law.fail + law.crash + law.hang + law.wrongRows + law.garbage > 1) faults.push(`the probabilities ${PROBABILITIES.join(', ')} add up to more than 1`);
  const saysModel = options['says_model'];
  if (saysModel !== undefined && typeof saysModel !== 'string') faults.push('option says_model is not text');
  const read: SyntheticOptions = {
    law,
    startMs: number('start_ms', 0, 3_600_000),
    exitAtStart: flag('exit_at_start'),
    mute: flag('mute'),
    saysModel: typeof saysModel === 'string' ? saysModel : undefined,
    badToken: flag('bad_token'),
    echo,
    inputs,
    outputs: echo ? inputs : [readOutput(options['output'], faults)],
    maxBatch: count('max_batch'),
    maxInFlight: count('max_in_flight'),
    warmUp: readSizes(options['warm_up'], 'warm_up', faults) ?? [],
  };
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return read;
}

function readInputs(given: unknown, declared: readonly TensorSpec[] | undefined, faults: string[]): readonly TensorSpec[] {
  if (given === undefined) return declared ?? [DEFAULT_INPUT];
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.map((one) => readSpec(one, DEFAULT_INPUT, 'input', faults));
}

function readOutput(given: unknown, faults: string[]): TensorSpec {
  const spec = readSpec(given ?? {}, { name: 'output', dtype: 'float32', shape: [] }, 'output', faults);
  if (spec.shape.includes(-1)) faults.push('option output: its shape has a free extent, which only echo can fill');
  return spec;
}

/** A tensor of which every part may be left out. */
function readSpec(given: unknown, fallback: TensorSpec, key: string, faults: string[]): TensorSpec {
  try {
    return parseTensorSpec(typeof given === 'object' && given !== null ? { ...fallback, ...given } : given, `option ${key}`);
  } catch (error) {
    faults.push(error instanceof Error ? error.message : String(error));
    return fallback;
  }
}

function readPadTo(given: unknown, faults: string[]): Law['padTo'] {
  if (given === undefined || given === 'pow2') return given;
  const steps = readSizes(given, 'pad_to', faults);
  if (steps?.length === 0) faults.push('option pad_to has no steps');
  return steps?.toSorted((a, b) => a - b);
}

function readSizes(given: unknown, key: string, faults: string[]): readonly number[] | undefined {
  if (given === undefined) return undefined;
  if (Array.isArray(given) && given.every((size) => Number.isSafeInteger(size) && Number(size) >= 1)) return given as number[];
  faults.push(`option ${key} is not a list of batch sizes${key === 'pad_to' ? ' or "pow2"' : ''}`);
  return undefined;
}
