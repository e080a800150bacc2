import { SIZE_CLASSES } from './size-classes.ts';

/** What is known of one size: rows, mean micros, batches that this stands on. */
export type Point = readonly [rows: number, micros: number, batches: number];

/** How batches lie about the line: relative standard deviations. */
export interface Spread {
  /** Of one batch about the mean of its size. */
  readonly noise: number;
  /** Of the means of sizes about the line. */
  readonly bend: number;
  /** The line is one over the rows padded to powers of two. */
  readonly isPadded: boolean;
}

/** What is kept of a learned law: plain data. */
export interface LatencyRecord {
  readonly format: 1;
  readonly spread: Spread;
  /** The chosen quantile over the mean; at least 1. */
  readonly tailRatio: number;
  /** Sizes seen, smallest first. */
  readonly points: readonly Point[];
}

/** What others said of a size weighs so little that the first batch of that size replaces it. */
export const HEARSAY_BATCHES = 0.5;
/** A new version is like its predecessor only on the whole: the tail lies so much further off (as a power of the ratio). */
const WIDENING = 1.5;
/** Eleven days: no batch counts as longer. */
export const MOST_MICROS = 1e12;

/** The record in what was stored; undefined where it is of another format or damaged. */
export function readLatencyRecord(stored: unknown): LatencyRecord | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { format, tailRatio, points, spread } = stored as Partial<Record<keyof LatencyRecord, unknown>>;
  if (format !== 1 || !isBetween(tailRatio, 1, 1e6) || !isSpread(spread) || !Array.isArray(points)) return undefined;
  if (points.length === 0 || points.length > SIZE_CLASSES || !points.every(isPoint)) return undefined;
  return { format, tailRatio, spread, points };
}

/** What is believed of a version from the record of the one before it: hearsay. */
export function asPredecessor({ format, tailRatio, spread, points }: LatencyRecord): LatencyRecord {
  return { format, spread, tailRatio: tailRatio ** WIDENING, points: points.map(([rows, micros]) => [rows, micros, HEARSAY_BATCHES]) };
}

function isPoint(value: unknown): value is Point {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [rows, micros, batches] = value as unknown[];
  return Number.isInteger(rows) && isBetween(rows, 1, 2 ** 31) && isBetween(micros, 0, MOST_MICROS) && isBetween(batches, 0, 1e9) && micros > 0 && batches > 0;
}

function isSpread(value: unknown): value is Spread {
  if (typeof value !== 'object' || value === null) return false;
  const { noise, bend, isPadded } = value as Partial<Record<keyof Spread, unknown>>;
  return isBetween(noise, 0, 10) && isBetween(bend, 0, 10) && typeof isPadded === 'boolean';
}

function isBetween(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}
