import { meanOf } from '../report/mean.ts';

/** A batch that was seen at a real container. */
export interface RecordedBatch {
  readonly rows: number;
  readonly micros: number;
}

/** One size: all times of it, rising, and their mean. */
interface Size {
  readonly rows: number;
  readonly micros: readonly number[];
  readonly mean: number;
}

const RECORDS = new WeakMap<readonly RecordedBatch[], readonly Size[]>();

/**
 * What a batch of `rows` takes by those that were seen: the time that a share of `quantile` of them was below, or the mean
 * where none is given. Between two sizes that were seen it lies between theirs, beyond them it grows along the line through the outermost.
 */
export function recordedMicros(batches: readonly RecordedBatch[], rows: number, quantile?: number): number {
  const sizes = sizesOf(batches);
  const timeOf = ({ micros, mean }: Size): number => (quantile === undefined ? mean : micros[Math.floor(quantile * micros.length)] ?? mean);
  const above = sizes.find((size) => size.rows >= rows) ?? sizes.at(-1);
  const below = sizes.findLast((size) => size.rows <= rows) ?? sizes[0];
  if (above === undefined || below === undefined) throw new RangeError('a recorded law needs batches');
  if (above.rows > below.rows) return timeOf(below) + ((rows - below.rows) / (above.rows - below.rows)) * (timeOf(above) - timeOf(below));
  return timeOf(above) * growth(sizes, above, rows);
}

/** Rising. */
function sizesOf(batches: readonly RecordedBatch[]): readonly Size[] {
  const known = RECORDS.get(batches);
  if (known !== undefined) return known;
  const sizes = [...new Set(batches.map(({ rows }) => rows))].toSorted((a, b) => a - b).map((rows) => {
    const micros = batches.filter((batch) => batch.rows === rows).map((batch) => batch.micros).toSorted((a, b) => a - b);
    return { rows, micros, mean: meanOf(micros) };
  });
  RECORDS.set(batches, sizes);
  return sizes;
}

/** Of a batch of `rows` to one of `seen`, on the line through the least and the greatest size; with one size only, a row takes as long as another. */
function growth(sizes: readonly Size[], seen: Size, rows: number): number {
  const [least = seen] = sizes;
  const greatest = sizes.at(-1) ?? seen;
  const slope = least === greatest ? least.mean / least.rows : Math.max(0, (greatest.mean - least.mean) / (greatest.rows - least.rows));
  return (seen.mean + slope * (rows - seen.rows)) / seen.mean;
}
