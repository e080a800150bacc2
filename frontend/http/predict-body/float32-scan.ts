import { FLOAT32_SCAN_WASM } from './float32-wasm.ts';

const PAGE_BYTES = 65_536;
/** Most numbers that one scan takes. */
export const FLOAT32_RUN = 1024;
/** The first page holds the module's own stack and constants; nothing of theirs reaches beyond it. */
const NUMBERS_AT = PAGE_BYTES;
/** Where the module notes where numbers end: `FLOAT32_RUN` of them, and some more. */
const COMMAS_AT = NUMBERS_AT + FLOAT32_RUN * 4;
const REGIONS_AT = 2 * PAGE_BYTES;
const REGION_BYTES = PAGE_BYTES;
/** Bodies that are read at the same moment and find a place; further ones are read by number-run.ts alone. */
const REGIONS = 64;
/** The last is there to be read: the scan looks some bytes ahead of its region. */
const PAGES = 2 + REGIONS + 1;

/** A piece of the module's memory, for a window on a body. */
export interface ScanRegion {
  readonly bytes: Buffer;
  /** Where it begins for the module. */
  readonly address: number;
}

interface Scan {
  scan(at: number, end: number, out: number, commas: number, limit: number): number;
  stoppedAt(): number;
}

/** What is used of WebAssembly's interface: TypeScript has it among the types of browsers only. */
declare const WebAssembly: {
  validate(bytes: Buffer): boolean;
  readonly Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Buffer) => object;
  readonly Instance: new (module: object, imports: { env: { memory: object } }) => { readonly exports: unknown };
};

const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
const module = instance(Buffer.from(FLOAT32_SCAN_WASM, 'base64'));
let given = 0;

let lastScanned = new Float32Array(memory.buffer, NUMBERS_AT, FLOAT32_RUN);

/** The `count` numbers that the last scan took; overwritten by the next. */
export function scanned(count: number): Float32Array {
  // Inputs are mostly of one length, and a new view costs as much as reading thirty numbers.
  if (lastScanned.length !== count) lastScanned = new Float32Array(memory.buffer, NUMBERS_AT, count);
  return lastScanned;
}

/**
 * A region for as long as the process lives; undefined where all are given, and where the processor lacks what WebAssembly's
 * SIMD needs (SSE 4.1 and the like). Regions belong to pooled parsers.
 */
export function claimRegion(): ScanRegion | undefined {
  if (module === undefined || given === REGIONS) return undefined;
  const address = REGIONS_AT + REGION_BYTES * given++;
  return { bytes: Buffer.from(memory.buffer, address, REGION_BYTES), address };
}

/**
 * Reads `number , number , …` between the addresses `at` and `end` into `scanned`, at most `limit` of them; says how many,
 * and `stoppedAt` says where it stopped. Takes what number-run.ts takes for float32, or stops before it (float32-scan.c).
 */
export function scanFloat32(at: number, end: number, limit: number): number {
  return module?.scan(at, end, NUMBERS_AT, COMMAS_AT, limit) ?? 0;
}

export function stoppedAt(): number {
  return module?.stoppedAt() ?? 0;
}

function instance(code: Buffer): Scan | undefined {
  if (!WebAssembly.validate(code)) return undefined;
  return new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } }).exports as Scan;
}
