import type { BatchHeader, TensorPart, TensorSpec } from '../../protos/wire.ts';
import { packHeader } from '../../protos/wire.ts';
import type { InputColumn } from '../domain/query.ts';
import type { ReplicaBatch } from '../domain/replica.ts';

/** One input of a batch: how many bytes it takes, and for rows that differ, the bytes and shape of each. */
export interface PlannedInput {
  readonly column: InputColumn;
  readonly bytes: number;
  readonly rowBytes: number;
  readonly lengths?: readonly number[];
  readonly shapes?: readonly (readonly number[])[];
}

/**
 * The header of batches whose rows are all of one size: packed once, after that only its numbers are written over.
 * Numbers stand in it as five bytes each (msgpack's uint32), so that they can change without moving anything.
 */
export interface HeaderTemplate {
  readonly batchKey: string;
  readonly packed: Uint8Array;
  readonly rowsAt: number;
  readonly budgetAt: number;
  readonly bytesAt: readonly number[];
  /** Only where the payload lies in shared memory: where the header says where. */
  readonly sharedAt?: number;
}

const PLACEHOLDER = 0xffff_ffff;
/** What the placeholder is packed as; no name can hold these bytes, as 0xff occurs in no UTF-8. */
const PACKED_PLACEHOLDER = Buffer.from([0xce, 0xff, 0xff, 0xff, 0xff]);

const MAX_TEMPLATES = 64;

/** The templates of one connection's batches, whose payloads all lie in shared memory or all in their frames. */
export class HeaderTemplates {
  readonly #shared: boolean;
  readonly #templates = new Map<string, HeaderTemplate | undefined>();
  #last: HeaderTemplate | undefined;

  constructor({ shared }: { readonly shared: boolean }) {
    this.#shared = shared;
  }

  /** undefined where such headers are packed anew every time. */
  of(batchKey: string, inputs: readonly PlannedInput[]): HeaderTemplate | undefined {
    if (this.#last?.batchKey === batchKey) return this.#last;
    if (!this.#templates.has(batchKey)) {
      if (this.#templates.size >= MAX_TEMPLATES) this.#templates.clear();
      this.#templates.set(batchKey, makeTemplate(batchKey, inputs, this.#shared));
    }
    return (this.#last = this.#templates.get(batchKey));
  }
}

/** undefined where some shape happens to pack to the placeholder's bytes: such a header is packed anew every time. */
export function makeTemplate(batchKey: string, inputs: readonly PlannedInput[], shared = false): HeaderTemplate | undefined {
  const parts = inputs.map(({ column }) => ({ name: column.name, dtype: column.dtype, shape: column.shape, bytes: PLACEHOLDER }));
  const header: BatchHeader = { rows: PLACEHOLDER, budget_us: PLACEHOLDER, inputs: parts, ...(shared && { shared: PLACEHOLDER }) };
  const packed = Buffer.from(packHeader(header));
  const found: number[] = [];
  for (let at = packed.indexOf(PACKED_PLACEHOLDER); at >= 0; at = packed.indexOf(PACKED_PLACEHOLDER, at + 1)) found.push(at + 1);
  const [rowsAt, budgetAt, ...rest] = found;
  const bytesAt = rest.slice(0, inputs.length);
  const [sharedAt, ...more] = rest.slice(inputs.length);
  if (rowsAt === undefined || budgetAt === undefined || bytesAt.length !== inputs.length || (sharedAt === undefined) === shared || more.length > 0) return undefined;
  return { batchKey, packed, rowsAt, budgetAt, bytesAt, ...(sharedAt !== undefined && { sharedAt }) };
}

/** What one batch's header says beside what all of its kind say. */
export interface BatchNumbers {
  readonly batch: ReplicaBatch;
  readonly inputs: readonly PlannedInput[];
  /** Where the payload lies in the shared memory; absent where it lies in the frame. */
  readonly shared?: number | undefined;
}

/** Writes the numbers of one batch into a copy of the template's bytes that begins at `start` of `target`. */
export function fillTemplate(template: HeaderTemplate, target: Buffer, start: number, { batch, inputs, shared }: BatchNumbers): void {
  target.writeUInt32BE(batch.rows, start + template.rowsAt);
  target.writeUInt32BE(budgetOf(batch), start + template.budgetAt);
  for (let i = 0; i < inputs.length; i++) target.writeUInt32BE(inputs[i]?.bytes ?? 0, start + (template.bytesAt[i] ?? 0));
  if (template.sharedAt !== undefined) target.writeUInt32BE(shared ?? 0, start + template.sharedAt);
}

/** The header of a batch whose rows differ in size, or that says whose work it is. */
export function packVarying({ batch, inputs, shared }: BatchNumbers, specs: ReadonlyMap<string, TensorSpec>): Uint8Array {
  const parts = inputs.map(({ column, bytes, lengths, shapes }): TensorPart => ({
    name: column.name,
    dtype: column.dtype,
    shape: shapes === undefined ? column.shape : specs.get(column.name)?.shape ?? column.shape,
    bytes,
    ...(lengths && { lengths }),
    ...(shapes && { shapes }),
  }));
  const header: BatchHeader = { rows: batch.rows, budget_us: budgetOf(batch), inputs: parts, ...(shared !== undefined && { shared }) };
  return packHeader(batch.traceparent === undefined ? header : { ...header, traceparent: batch.traceparent });
}

/** Whole microseconds that fit 32 bits: what is overdue has none left, and past an hour nobody counts. */
function budgetOf(batch: ReplicaBatch): number {
  return Math.min(Math.max(0, Math.trunc(batch.budgetMicros)), 0xffff_fffe);
}
