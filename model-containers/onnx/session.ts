import { InferenceSession, listSupportedBackends } from 'onnxruntime-node';
import type { OnnxOptions, Provider } from './options.ts';

/** Creates the session of the model in `path`; throws an Error that names the provider, the file or the dtype at fault. */
export async function openSession(path: string, options: OnnxOptions): Promise<InferenceSession> {
  const built = listSupportedBackends().map(({ name }) => name);
  for (const provider of options.providers) {
    if (!built.includes(provider)) throw new Error(`execution provider ${provider} is not in this build of the runtime; it has ${built.join(', ')}`);
  }
  try {
    return await InferenceSession.create(path, {
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
}

function explain(message: string, path: string, providers: readonly Provider[]): string {
  const accelerators = providers.filter((provider) => provider !== 'cpu');
  if (/ExecutionProvider|providers_shared|Failed to load shared library/i.test(message) && accelerators.length > 0) {
    return `execution provider ${accelerators.join(', ')} is not available on this machine (${firstLine(message)})`;
  }
  if (/Unsupported data type: 16/.test(message)) return `${path} has an input or output of bfloat16, which the runtime cannot hand over: convert it to float32`;
  return `${path} cannot be loaded: ${firstLine(message)}`;
}

function firstLine(message: string): string {
  return message.split('\n', 1)[0] ?? '';
}
