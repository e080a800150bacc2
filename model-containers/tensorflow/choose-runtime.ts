import { openBinding, type Binding } from './binding.ts';
import type { Runtime } from './options.ts';
import type { ModelSignature } from './saved-model.ts';
import { notCarried } from './tensors.ts';

/** Who serves the model, and why it is nobody before it in the order of the table in the README. */
export type Chosen =
  | { readonly runtime: Exclude<Runtime, 'python'>; readonly binding: Binding; readonly because: readonly string[] }
  | { readonly runtime: 'python'; readonly because: readonly string[] };

/**
 * The GPU binding, else the CPU's, else Python; `asked` leaves no choice. Throws an Error with the reasons where the one
 * that was asked for cannot serve this signature here.
 */
export function chooseRuntime(signature: ModelSignature, asked: Runtime | undefined, open: (runtime: Exclude<Runtime, 'python'>) => Binding | string = openBinding): Chosen {
  if (asked === 'python') return { runtime: 'python', because: ['option runtime asks for it'] };
  const unfit = notCarried(signature.inputs, signature.outputs);
  const because: string[] = [...unfit];
  for (const runtime of asked === undefined ? (['tfjs-node-gpu', 'tfjs-node'] as const) : [asked]) {
    const binding = unfit.length > 0 ? undefined : open(runtime);
    if (typeof binding === 'object') return { runtime, binding, because };
    if (binding !== undefined) because.push(binding);
  }
  if (asked !== undefined) throw new Error(because.join('\n'));
  return { runtime: 'python', because };
}
