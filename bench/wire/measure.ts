import { readFileSync } from 'node:fs';
import type { Query } from '../../frontend/domain/query.ts';
import type { BatchSink, ReplicaBatch } from '../../frontend/domain/replica.ts';
import type { SlabPool } from '../../frontend/domain/slabs.ts';
import type { OpenReplica } from './replica.ts';

/** What the containers that do the least are asked. */
export const INPUT = 'input';
export const FEATURES = 784;
/** Rows of the large batch. */
export const LARGE = 128;
/** Of a large batch without its header, and of the answer to one. */
export const BATCH_BYTES = LARGE * FEATURES * 4;
export const REPLY_BYTES = 808;
const TICKS_A_SECOND = 100;

/** What one container did with batches of one size. CPU in microseconds, user and system. */
export interface WireRun {
  readonly rows: number;
  readonly inFlight: number;
  readonly batches: number;
  readonly rowsPerSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
  /** Of this process a batch: encoding, writing, reading, decoding. */
  readonly brokerCpuMicros: number;
  /** Of the container's process a batch. */
  readonly containerCpuMicros: number;
}

export interface WireLoad {
  readonly rows: number;
  readonly inFlight: number;
  readonly seconds: number;
  /** The input's name and how many float32 it has a row, where they are others than those of the least containers. */
  readonly input?: string;
  readonly features?: number;
}

/** Numbers from 0 to 1, the same each time. */
export function testRows(rows: number, features: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: rows * features }, (_, i) => (i % 255) / 255);
}

/** Batches of `rows` rows, closed loop: as many in flight as `inFlight`, or as there are credits. */
export async function measureWire(replica: OpenReplica, { rows, inFlight, seconds, input = INPUT, features = FEATURES }: WireLoad): Promise<WireRun> {
  const batch = batchOf(replica.slabs, { rows, input, features });
  // As long as what is measured: code that is compiled while it runs is not yet what it will be.
  await loop(replica, batch, inFlight, seconds);
  const containerBefore = cpuSeconds(replica.pid);
  const before = process.cpuUsage();
  const { micros, wallSeconds } = await loop(replica, batch, inFlight, seconds);
  const used = process.cpuUsage(before);
  const container = cpuSeconds(replica.pid) - containerBefore;
  const sorted = micros.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  const each = (microsInAll: number): number => Math.round((10 * microsInAll) / micros.length) / 10;
  return {
    rows, inFlight, batches: micros.length, rowsPerSecond: Math.round((micros.length * rows) / wallSeconds), p50Micros: at(0.5), p99Micros: at(0.99),
    brokerCpuMicros: each(used.user + used.system), containerCpuMicros: each(container * 1e6),
  };
}

/** Sends until the time is over, then waits for what is under way. Rows that fail end it with their reason. */
function loop(replica: OpenReplica, batch: ReplicaBatch, inFlight: number, seconds: number): Promise<{ micros: number[]; wallSeconds: number }> {
  return new Promise((resolve, reject) => {
    const micros: number[] = [];
    const startedMs = performance.now();
    let underWay = 0;
    const send = (): void => {
      const over = performance.now() - startedMs > seconds * 1000;
      while (!over && underWay < inFlight && replica.link.credits > 0) {
        underWay++;
        const sentMs = performance.now();
        replica.link.infer(batch, sink(batch.rows, (problem) => {
          underWay--;
          if (problem !== undefined) reject(new Error(problem));
          micros.push((performance.now() - sentMs) * 1000);
        }));
      }
      if (over && underWay === 0) resolve({ micros, wallSeconds: (performance.now() - startedMs) / 1000 });
    };
    replica.onCredit = send;
    send();
  });
}

function sink(rows: number, ended: (problem: string | undefined) => void): BatchSink {
  let answered = 0;
  return {
    row: () => void answered++,
    rowFailed: (row, error) => ended(`row ${row} failed: ${error.message}`),
    end: (end) => {
      if (end.kind === 'lost') ended(end.message);
      else ended(answered === rows ? undefined : `${answered} of ${rows} rows were answered: ${end.error?.message ?? 'no reason given'}`);
    },
  };
}

/** One query of so many rows, in memory of the pool, which nobody gives back. */
function batchOf(slabs: SlabPool, { rows, input, features }: { rows: number; input: string; features: number }): ReplicaBatch {
  const rowBytes = features * 4;
  const { slab, offset } = slabs.allocate(rows * rowBytes);
  const { buffer, byteOffset } = slab.bytes;
  new Float32Array(buffer, byteOffset + offset, rows * features).set(testRows(rows, features));
  const query: Query = {
    slot: 0, app: 'wire', arrivedAtMicros: 0, sloMicros: 1e6, deadlineAtMicros: 1e6, rows, many: rows > 1, explain: false, batchKey: input,
    columns: [{ name: input, dtype: 'float32', shape: [features], slab, offset, strideBytes: rowBytes, rowBytes }],
  };
  return { slices: [{ query, first: 0, count: rows }], rows, budgetMicros: 1e6 };
}

/** Of a process so far, by the system's accounting in hundredths of a second. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(')').at(-1)?.trim().split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}
