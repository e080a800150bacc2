import { clairvoyantOnTime } from '../simulator/oracle/clairvoyant.ts';
import { boundGrid, priceBound } from '../simulator/oracle/price-bound.ts';
import { bestOnlineFraction } from '../simulator/oracle/value-iteration.ts';
import { meanMicros } from '../simulator/law.ts';
import { capacityOf, MAX_ROWS } from '../simulator/scenario.ts';
import { simulate } from '../simulator/simulate.ts';
import { workloadOf, type Workload } from '../simulator/workload.ts';
import { BEST_ONLINE, CLAIRVOYANT, type Panel } from './panels.ts';

/** One run of the report: plain data, so that another thread can play it. */
export interface Cell {
  readonly panel: Panel;
  readonly load: number;
  readonly rule: string;
  readonly seed: number;
}

export interface CellResult {
  readonly panel: string;
  readonly group: Panel['group'];
  readonly load: number;
  readonly rule: string;
  readonly seed: number;
  readonly offered: number;
  readonly onTime: number;
  readonly late: number;
  readonly exploringLate: number;
  readonly exploringLateBefore: number;
  readonly missed: Readonly<Record<string, number>>;
  readonly streams: readonly { readonly offered: number; readonly onTime: number }[];
  readonly perSecond: number;
  readonly meanRows: number;
  /** Quantiles 0, 0.05 … 1 of those on time. */
  readonly latenciesMs: readonly number[];
}

/** Of value iteration: halving it again moves the result by less than a thousandth. */
const ONLINE_STEP_MICROS = 10;
/** Of a bound: twice as many lower it by 3 thousandths, where what is played is many SLOs long. */
const BOUND_ROUNDS = 50;
/** And its cells of time in the longest SLO: with twice as many it takes three times as long, and is lower by 6 thousandths. */
const BOUND_CELLS = 1000;
const QUANTILES = Array.from({ length: 21 }, (_, i) => i / 20);

export function playCell({ panel, load, rule, seed }: Cell): CellResult {
  const { scenario } = panel;
  const workload = workloadOf(scenario, { load, seed, arrivals: Math.round(panel.arrivals * Math.max(1, load)) });
  const cell = { panel: panel.name, group: panel.group, load, rule, seed };
  if (rule === CLAIRVOYANT || rule === BEST_ONLINE) {
    const offered = workload.arrivalsMicros.length;
    const onTime = rule === CLAIRVOYANT ? clairvoyant(panel, workload) : offered * bestOnline(panel, load);
    return { ...cell, offered, onTime, late: 0, exploringLate: 0, exploringLateBefore: 0, missed: {}, streams: [], perSecond: 0, meanRows: 0, latenciesMs: [] };
  }
  const { offered, onTime, late, exploringLate, exploringLateBefore, missed, streams, perSecond, batches, latenciesMicros } = simulate(scenario, workload, { load, rule, seed });
  const meanRows = batches.length === 0 ? 0 : batches.reduce((sum, { rows }) => sum + rows, 0) / batches.length;
  const latenciesMs = onTime === 0 ? [] : QUANTILES.map((q) => (latenciesMicros[Math.round(q * (onTime - 1))] ?? 0) / 1000);
  return { ...cell, offered, onTime, late, exploringLate, exploringLateBefore, missed, streams, perSecond, meanRows, latenciesMs };
}

/** Exact for one replica and one SLO; else a bound that none who knows the future exceeds. */
function clairvoyant({ scenario }: Panel, { arrivalsMicros, sloMicros }: Workload): number {
  const lawAt = (speed: number) => (rows: number): number => Math.round(meanMicros(scenario.law, rows) / speed);
  const [slo = 0] = sloMicros;
  const { speeds } = scenario;
  if (speeds.length === 1 && sloMicros.every((each) => each === slo)) return clairvoyantOnTime({ arrivalsMicros, sloMicros: slo, lawMicros: lawAt(speeds[0] ?? 1), maxRows: MAX_ROWS });
  const replicas = [...new Set(speeds)].map((speed) => ({ lawMicros: lawAt(speed), count: speeds.filter((each) => each === speed).length }));
  const finest = boundGrid(replicas.map(({ lawMicros }) => lawMicros));
  const longest = sloMicros.reduce((most, each) => Math.max(most, each), 0);
  const gridMicros = finest * Math.max(1, Math.ceil(longest / BOUND_CELLS / finest));
  return priceBound({ arrivalsMicros, slosMicros: sloMicros, replicas, maxRows: MAX_ROWS, gridMicros, rounds: BOUND_ROUNDS });
}

/** Of what is offered; the same for every seed. */
function bestOnline({ scenario }: Panel, load: number): number {
  const sloMicros = scenario.sloMs * 1000;
  return bestOnlineFraction({ lawMicros: (rows) => meanMicros(scenario.law, rows), sloMicros, maxRows: MAX_ROWS, ratePerSecond: load * capacityOf(scenario), stepMicros: ONLINE_STEP_MICROS });
}
