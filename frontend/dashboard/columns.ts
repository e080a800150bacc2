import type { History } from './snapshot.ts';

/** Times and columns of one length, as a chart takes them: the first in epoch seconds. */
export type ChartData = readonly (readonly (number | null)[])[];

/** The named columns of a history, in order; what a history does not have is 0 where something is known, else null. */
export function chartData(history: History, names: readonly string[]): ChartData {
  const length = Math.max(0, ...Object.values(history.columns).map((column) => column.length));
  const seconds = Array.from({ length }, (_, i) => (history.fromMs + i * history.stepMs) / 1000);
  const known = history.columns['answers'] ?? history.columns['rows'];
  return [seconds, ...names.map((name) => history.columns[name] ?? seconds.map((_, i) => (isTime(name) || known?.[i] === null ? null : 0)))];
}

/** `first`, and `all` less `first`: what is not good of what was answered. Never below 0. */
export function rest(all: readonly (number | null)[], first: readonly (number | null)[]): (number | null)[] {
  return all.map((value, i) => (value === null ? null : Math.max(0, value - (first[i] ?? 0))));
}

/** Names of columns that begin with `prefix`, the one with the most first, at most `most`. */
export function namesOf({ columns }: History, prefix: string, most: number): string[] {
  const sum = (name: string): number => (columns[name] ?? []).reduce<number>((total, value) => total + (value ?? 0), 0);
  return Object.keys(columns).filter((name) => name.startsWith(prefix)).toSorted((a, b) => sum(b) - sum(a)).slice(0, most);
}

/**
 * Each column on top of those before it; for areas that are drawn from the last to the first. Where an upper one adds nothing
 * it is a gap: its line would hide the one that it lies on.
 */
export function stacked(columns: readonly (readonly (number | null)[])[]): (number | null)[][] {
  let sums: (number | null)[] = [];
  return columns.map((column, layer) => {
    const below = sums;
    sums = column.map((value, i) => (value === null ? null : value + (below[i] ?? 0)));
    return layer === 0 ? sums : sums.map((sum, i) => (addsNothing(column, i) ? null : sum));
  });
}

/** Nor beside it: an area begins and ends on the line below. */
function addsNothing(column: readonly (number | null)[], i: number): boolean {
  return [i - 1, i, i + 1].every((at) => (column[at] ?? 0) === 0);
}

/** Parts of a whole: each value over the sum of its step; null where nothing happened. */
export function shares(columns: readonly (readonly (number | null)[])[]): (number | null)[][] {
  return columns.map((column) => column.map((value, i) => {
    const sum = columns.reduce((total, one) => total + (one[i] ?? 0), 0);
    return sum === 0 || value === null ? null : value / sum;
  }));
}

function isTime(name: string): boolean {
  return /\.p\d+$/u.test(name);
}
