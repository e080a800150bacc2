/** What the TensorFlow container's `options` come to. Each key is described in the table of model-containers/README.md. */
export interface TensorflowOptions {
  readonly signature: string;
  /** What has to serve the model; undefined: the first that can. */
  readonly runtime: Runtime | undefined;
  /** Threads inside one operator, and operators at a time. */
  readonly threads: number;
  readonly interOpThreads: number;
  readonly device: string;
  /** GPU memory is taken as it is needed, not all at once. */
  readonly memoryGrowth: boolean;
  readonly warmUp: readonly number[];
  /** Outputs to serve; undefined: all of the signature's. */
  readonly outputs: readonly string[] | undefined;
  readonly maxBatch: number | undefined;
  readonly maxInFlight: number | undefined;
}

/** In the order in which they are tried. */
const RUNTIMES = ['tfjs-node-gpu', 'tfjs-node', 'python'] as const;
export type Runtime = (typeof RUNTIMES)[number];

/** `python` is the configuration's: it names an interpreter. */
const KEYS = ['signature', 'runtime', 'threads', 'inter_op_threads', 'device', 'memory_growth', 'warm_up', 'outputs', 'max_batch', 'max_in_flight', 'python'];
const DEVICE = /^(auto|cpu|gpu(:[0-9]{1,3})?)$/u;
const MAX_THREADS = 1024;

/** Throws one Error with every fault, one a line. */
export function readOptions(options: Readonly<Record<string, unknown>>): TensorflowOptions {
  const faults = Object.keys(options).filter((key) => !KEYS.includes(key)).map((key) => `option ${key} is unknown; there are ${KEYS.join(', ')}`);
  const read = <T>(key: string, is: (value: unknown) => value is T, what: string): T | undefined => {
    const given = options[key];
    if (given === undefined || is(given)) return given;
    faults.push(`option ${key} is not ${what}`);
    return undefined;
  };
  const count = (key: string, max = Number.MAX_SAFE_INTEGER): number | undefined => read(key, isCount(max), `an integer from 1 to ${max}`);
  const chosen: TensorflowOptions = {
    signature: read('signature', isText, 'the name of a signature') ?? 'serving_default',
    runtime: read('runtime', isRuntime, `one of ${RUNTIMES.join(', ')}`),
    threads: count('threads', MAX_THREADS) ?? 1,
    interOpThreads: count('inter_op_threads', MAX_THREADS) ?? 1,
    device: read('device', isDevice, 'auto, cpu, gpu or gpu:N') ?? 'auto',
    memoryGrowth: read('memory_growth', (value) => typeof value === 'boolean', 'true or false') ?? true,
    warmUp: read('warm_up', isList(isCount(Number.MAX_SAFE_INTEGER)), 'a list of batch sizes') ?? [1],
    outputs: read('outputs', isList(isText), 'a list of names'),
    maxBatch: count('max_batch'),
    maxInFlight: count('max_in_flight'),
  };
  if (chosen.outputs?.length === 0) faults.push('option outputs is empty');
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return chosen;
}

/** What TensorFlow reads from the environment when it is loaded, in any language. */
export function tensorflowEnvironment({ threads, interOpThreads, device, memoryGrowth }: TensorflowOptions): Readonly<Record<string, string>> {
  const gpu = /^gpu:(\d+)$/u.exec(device)?.[1];
  return {
    TF_NUM_INTRAOP_THREADS: String(threads),
    TF_NUM_INTEROP_THREADS: String(interOpThreads),
    TF_FORCE_GPU_ALLOW_GROWTH: String(memoryGrowth),
    // Errors alone: what it says of the processor's instructions is no concern of an operator's.
    TF_CPP_MIN_LOG_LEVEL: '2',
    ...(device === 'cpu' ? { CUDA_VISIBLE_DEVICES: '-1' } : {}),
    ...(gpu === undefined ? {} : { CUDA_VISIBLE_DEVICES: gpu }),
  };
}

function isCount(max: number) {
  return (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1 && value <= max;
}

function isList<T>(isItem: (item: unknown) => item is T) {
  return (value: unknown): value is readonly T[] => Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRuntime(value: unknown): value is Runtime {
  return RUNTIMES.some((runtime) => runtime === value);
}

function isDevice(value: unknown): value is string {
  return typeof value === 'string' && DEVICE.test(value);
}
