import { FLOAT32_SCAN_WASM } from './float32-wasm.ts';

const PAGE_BYTES = 65_536;
/** The first page holds the module's own stack and constants; nothing of theirs reaches beyond it. */
const NUMBERS_AT = PAGE_BYTES;
/** Most numbers that one scan takes. */
export const FLOAT32_RUN = 1024;
const REGIONS_AT = 2 * PAGE_BYTES;
const REGION_BYTES = PAGE_BYTES;
/** Bodies that are read at the same moment and find a place; further ones are read by number-run.ts alone. */
const REGIONS = 64;

/** A piece of the module's memory, for a window on a body. */
export interface ScanRegion {
  readonly bytes: Buffer;
  /** Where it begins for the module. */
  readonly address: number;
}

interface Scan {
  scan(at: number, end: number, out: number, limit: number): number;
  stoppedAt(): number;
}

/** What is used of WebAssembly's interface: TypeScript has it among the types of browsers only. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Buffer) => object;
  readonly Instance: new (module: object, imports: { env: { memory: object } }) => { readonly exports: unknown };
};

const memory = new WebAssembly.Memory({ initial: 2 + REGIONS, maximum: 2 + REGIONS });
const module = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(FLOAT32_SCAN_WASM, 'base64')), { env: { memory } }).exports as Scan;
let given = 0;

/** What the last scan took; overwritten by the next. */
export const scanned: Float32Array = new Float32Array(memory.buffer, NUMBERS_AT, FLOAT32_RUN);

/** A region for as long as the process lives, or undefined where all are given. Regions belong to pooled parsers. */
export function claimRegion(): ScanRegion | undefined {
  if (given === REGIONS) return undefined;
  const address = REGIONS_AT + REGION_BYTES * given++;
  return { bytes: Buffer.from(memory.buffer, address, REGION_BYTES), address };
}

/**
 * Reads `number , number , …` between the addresses `at` and `end` into `scanned`, at most `limit` of them; says how many,
 * and `stoppedAt` says where it stopped. Takes what number-run.ts takes for float32, or stops before it (float32-scan.c).
 */
export function scanFloat32(at: number, end: number, limit: number): number {
  return module.scan(at, end, NUMBERS_AT, limit);
}

export function stoppedAt(): number {
  return module.stoppedAt();
}
