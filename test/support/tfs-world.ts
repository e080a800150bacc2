import type { Answer } from '../../frontend/domain/answer.ts';
import { OPEN_ACCESS } from './open-access.ts';
import { RecordingMeter } from './recording-meter.ts';
import type { OutputKind } from '../../frontend/domain/model.ts';
import type { PredictPort } from '../../frontend/domain/ports.ts';
import type { Query } from '../../frontend/domain/query.ts';
import type { Served, ServedDirectory, ServedOutputs, WhyUnready } from '../../frontend/domain/served.ts';
import { OpenCalls } from '../../frontend/protocols/open-calls.ts';
import { RefusedCount } from '../../frontend/protocols/refused-count.ts';
import type { TfsParts } from '../../frontend/protocols/tfs/running.ts';
import { SlabArena } from '../../frontend/runtime/slab-arena.ts';
import type { TensorSpec } from '../../protos/wire.ts';
import { appView } from './http-door.ts';

/** A model as doors see it: versions 1 and 2, label `stable` at 1. */
export function servedModel(name: string, inputs: readonly TensorSpec[] | undefined, outputs: ServedOutputs | undefined, more: Partial<Served> = {}): Served {
  return {
    name, kind: 'model', view: appView(name, inputs, { sloMs: 1000, output: 'raw' }), pin: { model: name }, guards: [], version: 2,
    versions: [{ version: 1, ready: true }, { version: 2, ready: true }], labels: new Map([['stable', 1]]), ready: true, outputs, maxBatch: 8, platform: 'synthetic', ...more,
  };
}

export function rawOutputs(kind: OutputKind, ...tensors: TensorSpec[]): ServedOutputs {
  return { kind: 'raw', tensors, model: { kind, ...(tensors.length > 1 && tensors[0] !== undefined ? { name: tensors[0].name } : {}) } };
}

/** What doors of this protocol need, with a road under the test's hand: it echoes the inputs as outputs, row for row, unless told otherwise. */
export interface TfsWorld extends TfsParts {
  /** Every version comes. */
  readonly whyUnready: WhyUnready;
  readonly slabs: SlabArena;
  readonly meter: RecordingMeter;
  readonly queries: Query[];
  readonly cancelled: number[];
  readonly unparsed: { slot: number; app: string; rows: number }[];
  /** What the road makes of a query; undefined: it waits for `answer`. */
  respond: (query: Query) => Answer | undefined;
  answer(answer: Answer): void;
}

export function tfsWorld(models: readonly Served[]): TfsWorld {
  const slabs = new SlabArena({ poison: true });
  const calls = new OpenCalls({ first: 100, most: 4, slabs, onFault: (fault) => { throw fault; } });
  const queries: Query[] = [];
  const cancelled: number[] = [];
  const unparsed: { slot: number; app: string; rows: number }[] = [];
  const served: ServedDirectory = {
    find: (name, which) => {
      const model = models.find((known) => known.name === name);
      if (model === undefined) return { missing: 'name' };
      const version = typeof which === 'string' ? model.labels.get(which) : which;
      if (which !== undefined && !model.versions.some((known) => known.version === version)) return { missing: 'version' };
      return which === undefined ? model : { ...model, version: version ?? 0, pin: { model: name, version: which } };
    },
    list: () => models,
  };
  const give = (answer: Answer): void => calls.answer(answer);
  const road: PredictPort = {
    submit: (query) => {
      queries.push(query);
      const answer = world.respond(query);
      for (const { slab } of query.columns) slabs.release(slab);
      if (answer !== undefined) give(answer);
    },
    submitUnparsed: ({ slot, app, rows }) => {
      unparsed.push({ slot, app, rows });
      give({ slot, latencyMicros: 1, ok: false, failure: { code: 'no_replica', message: 'No replica of the model is ready.' } });
    },
    cancel: (slot) => void cancelled.push(slot),
  };
  const meter = new RecordingMeter();
  const world: TfsWorld = { served, whyUnready: () => ({ kind: 'coming' }), road, calls, access: OPEN_ACCESS, slabs, refused: new RefusedCount(meter), meter, queries, cancelled, unparsed, respond: (query) => echo(query, slabs), answer: give };
  return world;
}

/** The inputs of a query as the outputs of its answer. */
export function echo(query: Query, slabs: SlabArena): Answer {
  const rows = Array.from({ length: query.rows }, (_, row) => ({
    source: 'model' as const,
    output: { kind: 'tensors' as const, tensors: query.columns.map((column) => {
      const from = column.spans?.offsets[row] ?? column.offset + row * column.strideBytes;
      const lengthBytes = column.spans?.lengths[row] ?? column.rowBytes;
      const { slab, offset } = slabs.allocate(lengthBytes);
      slab.bytes.set(column.slab.bytes.subarray(from, from + lengthBytes), offset);
      return { name: column.name, dtype: column.dtype, shape: column.shape, slab, offset, lengthBytes };
    }) },
  }));
  return { slot: query.slot, latencyMicros: 1, decisionId: 'd1', ok: true, source: 'model', model: query.app, version: 2, rows };
}
