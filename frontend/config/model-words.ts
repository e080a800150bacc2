import type { Fault } from '../domain/fault.ts';
import { DEFAULT_START_TIMEOUT_MS } from '../domain/model.ts';
import type { BatchingSpec, ContainerSpec, ModelSpec } from '../domain/model.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { isLoopback, readAddress } from './address.ts';
import { readLimits, writeLimits } from './limits-words.ts';
import { isFile, readClassNames } from './named-files.ts';
import type { NamedFiles } from './named-files.ts';
import type { RawModel, RawTensor } from './options.ts';
import { readOip, writeOip } from './oip-words.ts';
import { readPython, readTensorflow } from './python-words.ts';
import { readWarmUp, writeWarmUp } from './warm-up-words.ts';

const DEFAULT_QUANTILE = 0.99;
const DEFAULT_SLO_MS = 20;

type Path = readonly (string | number)[];

export interface ModelReading {
  readonly at: Path;
  readonly files: NamedFiles;
  /** Hosts that may be dialled. */
  readonly dialAllow: readonly string[];
  readonly faults: Fault[];
}

/** From the words of the file to a model version; `raw` has been held against `MODEL`. */
export function readModel(raw: RawModel, reading: ModelReading): ModelSpec {
  const { at, faults } = reading;
  const container = readContainer(raw, reading);
  const path = raw.path === undefined ? undefined : reading.files.file(raw.path, [...at, 'path'], faults);
  if (raw.container === 'onnx' && raw.path === undefined) faults.push({ path: at, message: '"path" is missing', expected: 'the model file, which onnx needs' });
  if (raw.container === 'onnx' && path !== undefined && !isFile(path)) faults.push({ path: [...at, 'path'], message: `${path} is not a file` });
  const profile = raw.profile;
  return {
    name: raw.name,
    version: raw.version,
    container,
    ...(path === undefined ? {} : { path }),
    options: raw.options,
    replicas: readReplicas(raw, reading),
    ...(raw.input === undefined ? {} : { input: readInputs(raw.input, reading) }),
    output: readOutput(raw.output, reading),
    batching: readBatching(raw.batching, reading),
    ...(raw.cache.enabled ? { cache: raw.cache.ttl_ms === undefined ? {} : { ttlMs: raw.cache.ttl_ms } } : {}),
    sloMs: raw.slo_ms ?? DEFAULT_SLO_MS,
    ...(raw.slo_ms === undefined ? {} : { statesSlo: true }),
    ...readLimits(raw.limits, container, reading),
    ...(raw.start_timeout_ms === DEFAULT_START_TIMEOUT_MS ? {} : { startTimeoutMs: raw.start_timeout_ms }),
    ...readWarmUp(raw, reading),
    ...(profile === undefined ? {} : { profile: {
      ...(profile.accuracy === undefined ? {} : { accuracy: profile.accuracy }),
      ...(profile.cost_per_hour === undefined ? {} : { costPerHour: profile.cost_per_hour }),
      ...(profile.memory_mb === undefined ? {} : { memoryMb: profile.memory_mb }),
    } }),
  };
}

/** The model version in the words of the file: what `readModel` makes the same of again. */
export function writeModel(spec: ModelSpec, labels: readonly string[]): RawModel {
  const { output, profile } = spec;
  return {
    name: spec.name,
    version: spec.version,
    container: writeContainer(spec.container),
    ...(spec.path === undefined ? {} : { path: spec.path }),
    options: spec.options,
    replicas: spec.replicas,
    ...(spec.input === undefined ? {} : { input: spec.input.map((tensor) => ({ ...tensor, shape: [...tensor.shape] })) }),
    output: {
      ...(output.name === undefined ? {} : { name: output.name }),
      kind: output.kind,
      ...(output.classNames === undefined ? {} : { class_names: [...output.classNames] }),
    },
    labels: [...labels],
    batching: {
      controller: spec.batching.controller, max_batch: spec.batching.maxBatch, max_queue_rows: spec.batching.maxQueueRows,
      max_delay_ms: spec.batching.maxDelayMs ?? 0, allowed_batch_sizes: [...(spec.batching.allowedBatchSizes ?? [])], quantile: spec.batching.quantile ?? DEFAULT_QUANTILE,
    },
    cache: { enabled: spec.cache !== undefined, ...(spec.cache?.ttlMs === undefined ? {} : { ttl_ms: spec.cache.ttlMs }) },
    // Records of before it was known who said it hold one that is not the usual one.
    ...(spec.statesSlo === true || spec.sloMs !== DEFAULT_SLO_MS ? { slo_ms: spec.sloMs } : {}),
    ...(spec.limits === undefined ? {} : { limits: writeLimits(spec.limits) }),
    start_timeout_ms: spec.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS,
    warm_up: writeWarmUp(spec.warmUp),
    ...(profile === undefined ? {} : { profile: {
      ...(profile.accuracy === undefined ? {} : { accuracy: profile.accuracy }),
      ...(profile.costPerHour === undefined ? {} : { cost_per_hour: profile.costPerHour }),
      ...(profile.memoryMb === undefined ? {} : { memory_mb: profile.memoryMb }),
    } }),
  };
}

function readBatching(raw: RawModel['batching'], { at, faults }: ModelReading): BatchingSpec {
  const { allowed_batch_sizes: sizes } = raw;
  const path = [...at, 'batching', 'allowed_batch_sizes'];
  if (sizes.some((size, i) => i > 0 && size <= (sizes[i - 1] ?? 0))) faults.push({ path, message: `is ${sizes.join(', ')}`, expected: 'rising sizes' });
  if (sizes.some((size) => size > raw.max_batch)) faults.push({ path, message: `goes above max_batch, which is ${raw.max_batch}`, expected: 'sizes up to max_batch' });
  return {
    controller: raw.controller, maxBatch: raw.max_batch, maxQueueRows: raw.max_queue_rows,
    ...(raw.max_delay_ms === 0 ? {} : { maxDelayMs: raw.max_delay_ms }),
    ...(sizes.length === 0 ? {} : { allowedBatchSizes: sizes }),
    ...(raw.quantile === DEFAULT_QUANTILE ? {} : { quantile: raw.quantile }),
  };
}

function readContainer(raw: RawModel, reading: ModelReading): ContainerSpec {
  const { at, files, dialAllow, faults } = reading;
  const { container } = raw;
  if (container === 'python') return readPython(raw, reading);
  if (container === 'tensorflow') return readTensorflow(raw, reading);
  if (container === 'typescript') {
    if (raw.path === undefined) faults.push({ path: at, message: '"path" is missing', expected: 'the module, which typescript needs' });
    // Code, as a command is.
    files.command(['node', raw.path ?? ''], [...at, 'path'], faults);
  }
  if (typeof container === 'string') return { kind: 'builtin', name: container };
  if ('command' in container) {
    files.command(container.command, [...at, 'container', 'command'], faults);
    return { kind: 'command', command: container.command, cwd: files.folder };
  }
  if ('oip' in container) return readOip(container, { model: raw.name, at: [...at, 'container'], files, dialAllow, faults });
  const addresses = container.dial.map((text, i) => readDialled(text, { at: [...at, 'container', 'dial', i], files, dialAllow, faults }));
  return { kind: 'dial', addresses };
}

function readDialled(text: string, { at, files, dialAllow, faults }: ModelReading): string {
  if (text.startsWith('unix:')) return `unix:${files.place(text.slice(5), at, faults) ?? ''}`;
  const address = text.replace(/^tcp:\/\//u, '');
  const { host, port } = readAddress(address);
  if (port < 1 || port > 65_535) faults.push({ path: at, message: `has port ${port}`, expected: 'a port from 1 to 65535' });
  if (!dialAllow.includes(host)) faults.push({ path: at, message: `"${host}" may not be dialled`, expected: `one of dial.allow: ${dialAllow.join(', ')}` });
  else if (!isLoopback(host)) faults.push({ path: at, message: `"${host}" is not on loopback`, expected: 'a loopback host: the wire of containers has no TLS yet' });
  return `tcp://${address}`;
}

function writeContainer(container: ContainerSpec): RawModel['container'] {
  switch (container.kind) {
    case 'builtin': return container.name;
    case 'python': case 'tensorflow': return container.kind;
    case 'command': return { command: [...container.command] };
    case 'dial': return { dial: [...container.addresses] };
    case 'oip': return writeOip(container);
  }
}

function readReplicas(raw: RawModel, { at, faults }: ModelReading): number {
  const addresses = addressesOf(raw.container);
  if (addresses === undefined) return raw.replicas ?? 1;
  if (raw.replicas !== undefined && raw.replicas !== addresses) {
    faults.push({ path: [...at, 'replicas'], message: `is ${raw.replicas} for ${addresses} dialled addresses`, expected: `${addresses}, or nothing` });
  }
  return addresses;
}

/** How many addresses are dialled; undefined for a container that the broker starts. */
function addressesOf(container: RawModel['container']): number | undefined {
  if (typeof container === 'string' || 'command' in container) return undefined;
  if ('dial' in container) return container.dial.length;
  return typeof container.oip === 'string' ? 1 : container.oip.length;
}

function readInputs(input: NonNullable<RawModel['input']>, { at, faults }: ModelReading): readonly TensorSpec[] {
  const tensors: readonly RawTensor[] = Array.isArray(input) ? input : [input];
  const names = new Set<string>();
  return tensors.map((tensor, i) => {
    const path = [...at, 'input', ...(Array.isArray(input) ? [i] : [])];
    const name = tensor.name ?? 'input';
    if (names.has(name)) faults.push({ path, message: `"${name}" stands twice`, expected: 'a name of its own for each input' });
    names.add(name);
    tensor.shape.forEach((extent, axis) => {
      if (extent === 0) faults.push({ path: [...path, 'shape', axis], message: 'is 0', expected: 'a positive integer, or -1 for any' });
    });
    if (tensor.ragged === true && !tensor.shape.includes(-1)) faults.push({ path: [...path, 'ragged'], message: 'is true, but no extent is -1' });
    return { name, dtype: tensor.dtype, shape: tensor.shape, ...(tensor.ragged === undefined ? {} : { ragged: tensor.ragged }) };
  });
}

function readOutput(output: RawModel['output'], { at, files, faults }: ModelReading): ModelSpec['output'] {
  if (output === undefined) return { kind: 'raw' };
  const path = [...at, 'output', 'class_names'];
  const { class_names: given } = output;
  const file = typeof given === 'string' ? files.file(given, path, faults) : undefined;
  const names = typeof given === 'string' ? (file === undefined ? [] : readClassNames(file, path, faults)) : given;
  if (names !== undefined && (output.kind === 'value' || output.kind === 'raw')) {
    faults.push({ path, message: `does not go with kind ${output.kind}`, expected: 'kind label, probabilities or logits' });
  }
  return { ...(output.name === undefined ? {} : { name: output.name }), kind: output.kind, ...(names === undefined ? {} : { classNames: names }) };
}
