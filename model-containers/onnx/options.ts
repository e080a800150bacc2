/** What the ONNX container's `options` come to. Each key is described in the table of model-containers/README.md. */
export interface OnnxOptions {
  readonly providers: readonly Provider[];
  /** Threads inside one operator; the container never spins while it waits for work. */
  readonly threads: number;
  readonly warmUp: readonly number[];
  /** Outputs to serve; undefined: all of the model's. */
  readonly outputs: readonly string[] | undefined;
  readonly maxBatch: number | undefined;
  readonly maxInFlight: number | undefined;
}
export type Provider = 'cpu' | 'cuda' | 'tensorrt';

const PROVIDERS: readonly string[] = ['cpu', 'cuda', 'tensorrt'] satisfies readonly Provider[];
const KEYS = ['providers', 'threads', 'warm_up', 'outputs', 'max_batch', 'max_in_flight'];
const MAX_THREADS = 1024;

/** Throws one Error with every fault, one a line. */
export function readOptions(options: Readonly<Record<string, unknown>>): OnnxOptions {
  const faults: string[] = [];
  for (const key of Object.keys(options)) if (!KEYS.includes(key)) faults.push(`option ${key} is unknown; there are ${KEYS.join(', ')}`);
  const count = (key: string, max = Number.MAX_SAFE_INTEGER): number | undefined => {
    const given = options[key];
    if (given === undefined || isCount(given, max)) return given;
    faults.push(`option ${key} is not an integer from 1 to ${max}`);
    return undefined;
  };
  const list = <T>(key: string, isItem: (item: unknown) => item is T, what: string): readonly T[] | undefined => {
    const given = options[key];
    if (given === undefined) return undefined;
    if (Array.isArray(given) && given.every(isItem)) return given;
    faults.push(`option ${key} is not a list of ${what}`);
    return undefined;
  };
  const read: OnnxOptions = {
    providers: list('providers', isProvider, PROVIDERS.join(', ')) ?? ['cpu'],
    threads: count('threads', MAX_THREADS) ?? 1,
    warmUp: list('warm_up', (item): item is number => isCount(item, Number.MAX_SAFE_INTEGER), 'batch sizes') ?? [1],
    outputs: list('outputs', (item): item is string => typeof item === 'string', 'names'),
    maxBatch: count('max_batch'),
    maxInFlight: count('max_in_flight'),
  };
  if (read.providers.length === 0) faults.push('option providers is empty');
  if (read.outputs?.length === 0) faults.push('option outputs is empty');
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return read;
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= max;
}

function isProvider(value: unknown): value is Provider {
  return typeof value === 'string' && PROVIDERS.includes(value);
}
