import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Points } from '../../metrics/history/ring.ts';
import type { Span, Track } from '../../metrics/history/track.ts';
import type { Watch } from '../../metrics/history/watch.ts';

const EMPTY: Points = Object.freeze({ stepMs: 1_000, fromMs: 0, columns: new Map<string, Float32Array>() });
/** What a spark shows: the last minutes, in so many points. */
const SPARK_POINTS = 60;

/** A `History` (frontend/dashboard/snapshot.ts) as JSON, a column a turn: a day of an app is some 20,000 numbers. */
export async function writeHistory(track: Track | undefined, span: Span): Promise<string> {
  const { stepMs, fromMs, columns } = track?.ring(span).read() ?? EMPTY;
  const parts: string[] = [];
  for (const [name, values] of columns) {
    parts.push(`${JSON.stringify(name)}:${numbers(values)}`);
    await nextTurn();
  }
  return `{"stepMs":${stepMs},"fromMs":${fromMs},"columns":{${parts.join()}}}`;
}

/** app → answers a second over the last five minutes, a point each five seconds, the last one newest. */
export async function writeSparks(watch: Pick<Watch, 'track' | 'names'>): Promise<string> {
  const parts: string[] = [];
  for (const name of watch.names('app')) {
    const values = watch.track('app', name)?.ring('5m').read().columns.get('answers');
    if (values !== undefined) parts.push(`${JSON.stringify(name)}:${numbers(thinned(values, SPARK_POINTS))}`);
    if (parts.length % 16 === 0) await nextTurn();
  }
  return `{${parts.join()}}`;
}

/** The means of equal parts; what does not fill a part at the old end is left out. */
function thinned(values: Float32Array, most: number): Float32Array {
  const width = Math.max(1, Math.ceil(values.length / most));
  const count = Math.floor(values.length / width);
  const first = values.length - count * width;
  return Float32Array.from({ length: count }, (_, i) => {
    const part = values.subarray(first + i * width, first + (i + 1) * width).filter((value) => !Number.isNaN(value));
    return part.length === 0 ? Number.NaN : part.reduce((sum, value) => sum + value, 0) / part.length;
  });
}

/** NaN is null; four figures are enough for a picture. */
function numbers(values: Float32Array): string {
  let text = '';
  for (const value of values) text += `${text === '' ? '' : ','}${Number.isNaN(value) ? 'null' : Number(value.toPrecision(4))}`;
  return `[${text}]`;
}
