import type { Tensor } from 'onnxruntime-node';
import type { Binding } from 'onnxruntime-node/dist/binding.js';
// Not the package's InferenceSession: its run waits for a turn of the event loop and a promise before the same call (DECISIONS 75).
import { binding, initOrt } from 'onnxruntime-node/dist/binding.js';
import type { OnnxOptions, Provider } from './options.ts';
import type { ValueMetadata } from './signature.ts';

/** A model in the runtime. */
export interface Session {
  readonly inputs: readonly ValueMetadata[];
  readonly outputs: readonly ValueMetadata[];
  /** Computes the named outputs, blocking. Throws what the runtime says. */
  run(feeds: Readonly<Record<string, Tensor>>, names: readonly string[]): Readonly<Record<string, Tensor | undefined>>;
  release(): void;
}

const NO_OPTIONS = Object.freeze({});

/** Words for the element types of ONNX (onnx.proto, TensorProto.DataType), by number. */
const ELEMENT_TYPES: readonly (string | undefined)[] = Object.freeze([
  undefined, 'float32', 'uint8', 'int8', 'uint16', 'int16', 'int32', 'int64', 'string', 'bool', 'float16', 'float64', 'uint32', 'uint64', 'complex64', 'complex128', 'bfloat16',
]);

/** Opens the model in `path`; throws an Error that names the provider, the file or the dtype at fault. */
export function openSession(path: string, options: OnnxOptions): Session {
  initOrt();
  const built = binding.listSupportedBackends().map(({ name }) => name);
  for (const provider of options.providers) {
    if (!built.includes(provider)) throw new Error(`execution provider ${provider} is not in this build of the runtime; it has ${built.join(', ')}`);
  }
  const native = new binding.InferenceSession();
  try {
    native.loadModel(path, {
      executionProviders: [...options.providers],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // Fatal ones only: what goes wrong is thrown, and said once.
      logSeverityLevel: 4,
      extra: { session: { intra_op: { allow_spinning: '0' }, inter_op: { allow_spinning: '0' } } },
    });
  } catch (error) {
    throw new Error(explain(error instanceof Error ? error.message : String(error), path, options.providers), { cause: error });
  }
  return {
    inputs: native.inputMetadata.map(metadataOf),
    outputs: native.outputMetadata.map(metadataOf),
    run: (feeds, names) => {
      const fetches: Record<string, null> = {};
      for (const name of names) fetches[name] = null;
      return native.run(feeds, fetches, NO_OPTIONS);
    },
    release: () => native.dispose(),
  };
}

function metadataOf({ name, isTensor, type, shape, symbolicDimensions }: Binding.ValueMetadata): ValueMetadata {
  if (!isTensor) return { name, isTensor };
  const word = ELEMENT_TYPES[type];
  return { name, isTensor, shape: shape.map((extent, axis) => (extent === -1 ? symbolicDimensions[axis] ?? '' : extent)), ...(word !== undefined && { type: word }) };
}

function explain(message: string, path: string, providers: readonly Provider[]): string {
  const accelerators = providers.filter((provider) => provider !== 'cpu');
  if (/ExecutionProvider|providers_shared|Failed to load shared library/i.test(message) && accelerators.length > 0) {
    return `execution provider ${accelerators.join(', ')} is not available on this machine (${firstLine(message)})`;
  }
  return `${path} cannot be loaded: ${firstLine(message)}`;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
