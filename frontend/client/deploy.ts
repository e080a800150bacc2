import { archiveOf, type Files } from './archive.ts';
import type { CallOptions } from './client-options.ts';
import type { Courier } from './courier.ts';
import { TradewindError } from './tradewind-error.ts';

export type { Files } from './archive.ts';

/** A tensor of a signature, one row's shape. */
interface Tensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
}

/**
 * What is to be served: a function from a batch to its outputs (model-containers/README.md, "Writing one in TypeScript"), or
 * files. A function is sent as its text: what it closes over stays behind.
 */
export type DeployTarget = ((batch: never) => unknown) | Files;

export interface DeployOptions extends CallOptions {
  /** Of a function: what it takes and gives. */
  readonly inputs?: readonly Tensor[];
  readonly outputs?: readonly Tensor[];
  /** Of several files: the one that is the model; all of them, as a folder, where it is left out. */
  readonly file?: string;
  /** Points this label at the version once it is ready. */
  readonly label?: string;
  /** How long it may take until it is ready; 60 000. */
  readonly waitMs?: number;
  /** Further words of the configuration file: `output`, `replicas`, `container`, `options`, `slo_ms`, … */
  readonly model?: Readonly<Record<string, unknown>>;
}

const POLL_MS = 100;
const WAIT_MS = 60_000;
const UPLOAD_TIMEOUT_MS = 600_000;

/** What serves a file, by its ending: as the client in Python has it. */
const BY_ENDING: Readonly<Record<string, Readonly<Record<string, unknown>>>> = Object.freeze({
  '.onnx': { container: 'onnx' },
  '.ts': { container: 'typescript' },
  '.mts': { container: 'typescript' },
  '.js': { container: 'typescript' },
  '.mjs': { container: 'typescript' },
  '.py': { container: 'python' },
  '.joblib': { container: 'python', options: { loader: 'sklearn' } },
  '.pkl': { container: 'python', options: { loader: 'cloudpickle' } },
  '.pt': { container: 'python', options: { loader: 'torch' } },
  '.keras': { container: 'python', options: { loader: 'keras' } },
});

/** Uploads, puts the version, and waits until it is ready. */
export async function deploy(courier: Courier, { name, version, target, options }: { readonly name: string; readonly version: number; readonly target: DeployTarget; readonly options: DeployOptions }): Promise<void> {
  const { signal, label, waitMs = WAIT_MS, model = {} } = options;
  const call = signal === undefined ? {} : { signal };
  const files = typeof target === 'function' ? { 'model.mjs': moduleOf(target, options) } : target;
  const [first, ...others] = Object.keys(files);
  const file = options.file ?? (others.length === 0 && first?.includes('/') === false ? first : undefined);
  const served = 'container' in model ? {} : servedBy(files, file, model);
  const at = `/admin/models/${encodeURIComponent(name)}/versions/${version}`;
  const archive = archiveOf(files);
  const { path: folder } = await courier.send(`${at}/files`, () => ({ search: '', contentType: 'application/x-tar', body: archive }), { ...call, method: 'PUT', admin: true, timeoutMs: UPLOAD_TIMEOUT_MS }) as { path: string };
  const path = file === undefined ? folder : `${folder}/${file}`;
  const put = (where: string, body: object): Promise<unknown> => courier.send(where, () => ({ search: '', contentType: 'application/json', body: JSON.stringify(body) }), { ...call, method: 'PUT', admin: true });
  await put(at, { ...served, ...model, path, options: { ...mapOf(served['options']), ...mapOf(model['options']) } });
  for (let leftMs = waitMs; !isReady(await courier.send(at, () => ({ search: '' }), { ...call, method: 'GET', admin: true }), leftMs); leftMs -= POLL_MS) await courier.pause(POLL_MS, signal);
  if (label !== undefined) await put(`/admin/models/${encodeURIComponent(name)}/labels/${encodeURIComponent(label)}`, { version });
}

/** A module whose `predict` is the function. */
function moduleOf(predict: (batch: never) => unknown, { inputs, outputs }: DeployOptions): string {
  const text = predict.toString();
  if (/\{\s*\[native code\]\s*\}$/u.test(text)) throw new TypeError('the function has no text of its own: it is native, or bound');
  return `export const serving = ${JSON.stringify({ inputs, outputs })};\nexport const predict = ${text};\n`;
}

function servedBy(files: Files, file: string | undefined, model: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (file === undefined && Object.hasOwn(files, 'saved_model.pb')) return { container: 'tensorflow' };
  const served = BY_ENDING[/\.[^./]+$/u.exec(file ?? '')?.[0] ?? ''];
  const { entry, loader } = mapOf(model['options']);
  if (entry !== undefined || loader !== undefined) return { container: 'python' };
  if (served === undefined) throw new TypeError(`nothing is known that serves ${file ?? 'these files'}: say model.container; by their ending are known ${Object.keys(BY_ENDING).join(', ')}`);
  return served;
}

/**
 * What admin shows of the version; throws with the container's last words where it keeps failing, or the time is over. More
 * replicas than wanted are some of what was deployed there before, which serve until the new ones are ready.
 */
function isReady(view: unknown, leftMs: number): boolean {
  const { ready, desired, replicas: listed } = mapOf(mapOf(view)['status']);
  const replicas = Array.isArray(listed) ? listed.map(mapOf) : [];
  if (desired === 0 || (typeof ready === 'number' && ready > 0 && replicas.length <= Number(desired))) return true;
  const failing = replicas.find(({ state }) => state === 'backoff' || state === 'crash_loop');
  if (failing === undefined && leftMs > 0) return false;
  const { state, output } = failing ?? replicas.find((replica) => replica['state'] !== 'ready') ?? {};
  const reason = failing === undefined ? 'the time is over' : String(failing['reason']);
  const said = Array.isArray(output) ? output.map((line) => `\n  ${String(line)}`).join('') : '';
  throw new TradewindError('not_ready', `the version did not become ready: ${reason}${typeof state === 'string' ? ` (${state})` : ''}${said}`, { status: 0, retryable: false });
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
}
