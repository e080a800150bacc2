import type { CellResult } from './cell.ts';
import type { ColdStart } from '../simulator/cold-start.ts';
import { BEST_ONLINE, CLAIRVOYANT, isMargin, type Group } from './panels.ts';

/** One rule at one point (panel and load), its seeds together. */
export interface Point {
  readonly panel: string;
  readonly group: Group;
  readonly load: number;
  readonly rule: string;
  readonly offered: number;
  readonly onTime: number;
  readonly late: number;
  /** Of those, the ones in a batch that was sent to learn from. */
  readonly exploringLate: number;
  readonly missed: Readonly<Record<string, number>>;
  readonly streams: readonly { readonly offered: number; readonly onTime: number }[];
  /** Means over the seeds. The first: rows that came late so in the warm-up. */
  readonly exploringLateBefore: number;
  readonly perSecond: number;
  readonly meanRows: number;
  readonly latenciesMs: readonly number[];
  /**
   * On time as a share of the bound: of what the clairvoyant does where that is known, else of what capacity allows
   * (all of it below load 1).
   */
  readonly share: number;
}

/** One bar of the table, held or missed. */
export interface Bar {
  readonly what: string;
  readonly figure: string;
  readonly bar: string;
  readonly pass: boolean;
  /** Where it is closest to failing, or fails. */
  readonly worst?: string;
}

export function pointsOf(results: readonly CellResult[]): Point[] {
  const groups = new Map<string, CellResult[]>();
  for (const result of results) {
    const key = `${result.panel}|${result.load}|${result.rule}`;
    groups.set(key, [...(groups.get(key) ?? []), result]);
  }
  /** What the clairvoyant does, of what is offered. */
  const bounds = new Map<string, number>();
  for (const [key, among] of groups) {
    if (key.endsWith(`|${CLAIRVOYANT}`)) bounds.set(key.slice(0, -CLAIRVOYANT.length), sum(among, ({ onTime }) => onTime) / sum(among, ({ offered }) => offered));
  }
  return [...groups.values()].map((among) => pointOf(among, bounds));
}

function pointOf(among: readonly CellResult[], bounds: ReadonlyMap<string, number>): Point {
  const [first] = among;
  if (first === undefined) throw new RangeError('a point needs a result');
  const { panel, group, load, rule } = first;
  const missed: Record<string, number> = {};
  for (const result of among) for (const [reason, count] of Object.entries(result.missed)) missed[reason] = (missed[reason] ?? 0) + count;
  const offered = sum(among, (result) => result.offered);
  const onTime = sum(among, (result) => result.onTime);
  return {
    panel, group, load, rule, offered, onTime, missed, late: sum(among, ({ late }) => late), exploringLate: sum(among, ({ exploringLate }) => exploringLate),
    streams: first.streams.map((_, i) => ({ offered: sum(among, ({ streams }) => streams[i]?.offered ?? 0), onTime: sum(among, ({ streams }) => streams[i]?.onTime ?? 0) })),
    exploringLateBefore: sum(among, (result) => result.exploringLateBefore) / among.length,
    perSecond: sum(among, ({ perSecond }) => perSecond) / among.length,
    meanRows: sum(among, ({ meanRows }) => meanRows) / among.length,
    latenciesMs: first.latenciesMs.map((_, q) => sum(among, ({ latenciesMs }) => latenciesMs[q] ?? 0) / among.length),
    share: onTime / offered / (bounds.get(`${panel}|${load}|`) ?? 1 / Math.max(1, load)),
  };
}

/**
 * The table of figures, for the controller `ours`; bars of groups that it was not played in are left out. `capacities`:
 * rows a second at load 1, by panel.
 */
export function barsOf(points: readonly Point[], { ours, capacities }: { ours: string; capacities: ReadonlyMap<string, number> }): Bar[] {
  const mine = (group: Group): Point[] => points.filter((point) => point.group === group && point.rule === ours);
  const bars: (Bar | undefined)[] = [
    average(mine('plain')),
    notBelow('four laws, against by-rate', mine('plain'), points, { rivals: ['by-rate'], by: 0.003 }),
    notBelow('± 30 % noise, against the best margin', mine('noise'), points, { rivals: margins(points), by: 0.005 }),
    notBelow('steps, against the best margin', mine('steps'), points, { rivals: margins(points), by: 0.005 }),
    notBelow('an SVM’s times, recorded, against the best margin', mine('recorded'), points, { rivals: margins(points), by: 0.005 }),
    notBelow('tight SLO, against by-rate and its waiting variant', mine('tight'), points, { rivals: ['by-rate', 'by-rate-waiting'], by: 0.005 }),
    bestOnline(mine('tight'), points),
    notBelow('mixed SLOs, against every other rule', mine('mixed'), points, { rivals: others(points, ours), by: 0.003 }),
    notBelow('four replicas alike, against every other rule', mine('alike'), points, { rivals: others(points, ours), by: 0.003 }),
    notBelow('four replicas, one 3 × slower, against every other rule', mine('unequal'), points, { rivals: others(points, ours), by: 0.003 }),
    gap('mixed SLOs: goodput / an upper bound', mine('bound-mixed')),
    gap('four replicas, one 3 × slower: goodput / an upper bound', mine('bound-unequal')),
    throughput(mine('overhead'), capacities), meek(mine('flood')),
    scaling(mine('replicas')),
    lateness(points.filter(({ rule }) => rule === ours)), ...priceOfLearning(points.filter(({ rule }) => rule === ours)),
  ];
  return bars.filter((bar) => bar !== undefined);
}

/** How fast it learns: the slowest of the seeds. */
export function coldBars(cold: readonly Omit<ColdStart, 'trace'>[]): Bar[] {
  if (cold.length === 0) return [];
  const batches = Math.max(...cold.map((one) => one.batches));
  const seconds = Math.max(...cold.map((one) => one.followedMicros)) / 1e6;
  return [
    { what: 'from cold: batches until the planned size stays within 5 % of the law’s', figure: String(batches), bar: '≤ 100', pass: batches <= 100 },
    { what: 'a 2 × slow-down, followed as closely', figure: `${seconds.toFixed(2)} s`, bar: '≤ 2 s', pass: seconds <= 2 },
    lateOf('from cold and through that: late in a batch that was sent to learn from', sum(cold, ({ exploringLate }) => exploringLate), sum(cold, ({ answered }) => answered)),
  ];
}

function margins(points: readonly Point[]): string[] {
  return [...new Set(points.map(({ rule }) => rule).filter(isMargin))];
}

/** Everybody else who is no oracle: other controllers of ours too. */
function others(points: readonly Point[], ours: string): string[] {
  return [...new Set(points.map(({ rule }) => rule).filter((rule) => ![ours, CLAIRVOYANT, BEST_ONLINE].includes(rule)))];
}

function average(mine: readonly Point[]): Bar | undefined {
  if (mine.length === 0) return undefined;
  const mean = sum(mine, ({ share }) => share) / mine.length;
  return { what: 'four laws: goodput / clairvoyant, mean of all points', figure: mean.toFixed(4), bar: '≥ 0.978', pass: mean >= 0.978, ...worst(mine, ({ share }) => share, (value) => value.toFixed(3)) };
}

/** At each point: no rival's share is above ours by more than `by`. */
function notBelow(what: string, mine: readonly Point[], points: readonly Point[], how: { rivals: readonly string[]; by: number }): Bar | undefined {
  const gaps = mine.flatMap((point) => points
    .filter(({ panel, load, rule }) => panel === point.panel && load === point.load && how.rivals.includes(rule))
    .map((rival) => ({ ...point, gap: point.share - rival.share, against: rival.rule })));
  if (gaps.length === 0) return undefined;
  const least = gaps.reduce((a, b) => (b.gap < a.gap ? b : a));
  return {
    what, figure: `${signed(least.gap * 100)} points at worst`, bar: `≥ −${(how.by * 100).toFixed(1)}`, pass: least.gap >= -how.by,
    worst: `${least.panel}, load ${least.load}, against ${least.against}`,
  };
}

function bestOnline(mine: readonly Point[], points: readonly Point[]): Bar | undefined {
  const ratios = mine.flatMap((point) => points
    .filter(({ panel, load, rule }) => panel === point.panel && load === point.load && rule === BEST_ONLINE)
    .map((best) => ({ ...point, ratio: point.onTime / point.offered / (best.onTime / best.offered) })));
  if (ratios.length === 0) return undefined;
  const least = ratios.reduce((a, b) => (b.ratio < a.ratio ? b : a));
  return { what: 'SLO 2.52: goodput / value iteration', figure: `${least.ratio.toFixed(3)} at worst`, bar: '≥ 0.98', pass: least.ratio >= 0.98, worst: `load ${least.load}` };
}

/** Reported, not held: how far below what no schedule exceeds. */
function gap(what: string, mine: readonly Point[]): Bar | undefined {
  if (mine.length === 0) return undefined;
  const shares = mine.map(({ share }) => share);
  return { what, figure: `${Math.min(...shares).toFixed(3)} to ${Math.max(...shares).toFixed(3)}`, bar: 'reported', pass: true, ...worst(mine, ({ share }) => share, (value) => value.toFixed(3)) };
}

function throughput(mine: readonly Point[], capacities: ReadonlyMap<string, number>): Bar | undefined {
  const [point] = mine;
  if (point === undefined) return undefined;
  const share = point.perSecond / (capacities.get(point.panel) ?? Infinity);
  return { what: 'overhead-heavy, saturated: goodput / the container at its best size', figure: share.toFixed(3), bar: '≥ 0.95', pass: share >= 0.95 };
}

function meek(mine: readonly Point[]): Bar | undefined {
  const stream = mine[0]?.streams[1];
  if (stream === undefined) return undefined;
  const share = stream.onTime / stream.offered;
  return { what: 'two apps, one floods at 10 ×: the other’s goodput / offered', figure: `${(share * 100).toFixed(2)} %`, bar: '≥ 99 %', pass: share >= 0.99 };
}

function scaling(mine: readonly Point[]): Bar | undefined {
  const one = mine[0], four = mine[3];
  if (one === undefined || four === undefined) return undefined;
  const ratio = four.perSecond / one.perSecond;
  return { what: 'replicas 1 → 4', figure: `${ratio.toFixed(2)} ×`, bar: '≥ 3.95 ×', pass: ratio >= 3.95 };
}

/** Those that came late though they were computed. */
function lateness(ours: readonly Point[]): Bar | undefined {
  const settled = ours.filter(({ group }) => group !== 'noise' && group !== 'recorded');
  if (settled.length === 0) return undefined;
  return lateOf('computed but late, exact laws', sum(settled, ({ late }) => late), sum(settled, ({ onTime, late }) => onTime + late));
}

/** With noise too. Held is what it takes of the answers that count; what it took once before, from cold, is told. */
function priceOfLearning(ours: readonly Point[]): Bar[] {
  if (ours.length === 0) return [];
  const most = ours.reduce((a, b) => (b.exploringLateBefore > a.exploringLateBefore ? b : a));
  const mean = sum(ours, ({ exploringLateBefore }) => exploringLateBefore) / ours.length;
  return [
    lateOf('late in a batch that was sent to learn from, noise too', sum(ours, ({ exploringLate }) => exploringLate), sum(ours, ({ onTime, late }) => onTime + late)),
    {
      what: 'the same before it counts, in 200 batches from cold: rows', figure: `${mean.toFixed(1)} a run, ${most.exploringLateBefore.toFixed(0)} at most`, bar: 'reported', pass: true,
      worst: `${most.panel}, load ${most.load}`,
    },
  ];
}

/** `late` of all answers that were computed. */
function lateOf(what: string, late: number, answered: number): Bar {
  return { what, figure: `${((100 * late) / answered).toFixed(3)} %`, bar: '≤ 0.1 %', pass: late <= answered / 1000 };
}

function worst(points: readonly Point[], value: (point: Point) => number, say: (value: number) => string): { worst?: string } {
  const least = points.reduce((a, b) => (value(b) < value(a) ? b : a));
  return { worst: `${say(value(least))} at ${least.panel}, load ${least.load}` };
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
}

function sum<T>(of: readonly T[], value: (item: T) => number): number {
  return of.reduce((total, item) => total + value(item), 0);
}
