import type { ModelName } from '../../protocols/tfs/servable.ts';
import type { Method } from '../../protocols/tfs/signature.ts';

/** What a request line asks of the API. */
export type Asked =
  | { readonly kind: 'infer'; readonly model: ModelName; readonly method: Method }
  | { readonly kind: 'status' | 'metadata'; readonly model: ModelName }
  | { readonly kind: 'refused'; readonly message: string };

const INFER = /^\/v1\/models\/([^/:]+)(?:\/versions\/(\d+)|\/labels\/([^/:]+))?:(classify|regress|predict)$/i;
const LOOK = /^\/v1\/models(?:\/([^/:]+))?(?:\/versions\/(\d+)|\/labels\/([^/:]+))?(?:\/(metadata))?$/i;
const MAX_INT64 = 2n ** 63n - 1n;

/** Reads method and target; what is not of the API is refused as TensorFlow Serving does. */
export function askedByPath(httpMethod: string, url: string): Asked {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  const found = httpMethod === 'POST' ? INFER.exec(path) : httpMethod === 'GET' ? LOOK.exec(path) : null;
  if (found === null) return { kind: 'refused', message: `Malformed request: ${httpMethod} ${path}` };
  const [, name, version, label, word] = found;
  if (name === undefined) return { kind: 'refused', message: 'Missing model name in request.' };
  const model = modelName(name, version, label);
  if (typeof model === 'string') return { kind: 'refused', message: model };
  if (httpMethod === 'POST') return { kind: 'infer', model, method: word?.toLowerCase() as Method };
  return { kind: word === undefined ? 'status' : 'metadata', model };
}

function modelName(name: string, version: string | undefined, label: string | undefined): ModelName | string {
  if (version !== undefined && BigInt(version) > MAX_INT64) return `Failed to convert version: ${version} to numeric.`;
  try {
    return {
      name: decodeURIComponent(name),
      ...(version === undefined ? {} : { version: Number(version) }), ...(label === undefined ? {} : { label: decodeURIComponent(label) }),
    };
  } catch {
    return `Malformed request: the name of the model or its label is not percent-encoded UTF-8`;
  }
}
