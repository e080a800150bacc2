import type { Law } from '../simulator/law.ts';
import { CONTROLLERS } from '../simulator/rules.ts';
import { plainScenario, scenarioName, steadyRowsOf, type Scenario } from '../simulator/scenario.ts';

/** One picture of the report: a scenario, played under several rules at several loads. */
export interface Panel {
  readonly name: string;
  /** Which bar it belongs to. */
  readonly group: Group;
  readonly scenario: Scenario;
  readonly loads: readonly number[];
  readonly rules: readonly string[];
  /** Arrivals that count, at load 1 or below; above it, as many more as the load is higher, unless it is `brief`. */
  readonly arrivals: number;
  /** As few arrivals as count, and one seed: where the bound takes minutes. */
  readonly brief?: boolean;
}

export type Group = 'plain' | 'noise' | 'steps' | 'tight' | 'mixed' | 'alike' | 'unequal' | 'overhead' | 'flood' | 'replicas' | 'bound';

/** Knows the future. */
export const CLAIRVOYANT = 'clairvoyant';
/** The best that can be done without, by value iteration. */
export const BEST_ONLINE = 'best-online';

export const LOADS = [0.5, 0.9, 1.2, 2, 4];
const ARRIVALS = 4000;
/** With four replicas so many that a point of five seeds varies by less than its bar; with three times as many as above it was by more. */
const FOUR_ARRIVALS = 12 * ARRIVALS;

/** Law in ms (slope, level) and SLO. */
const LAWS: readonly (readonly [alphaMs: number, betaMs: number, sloMs: number])[] = [[2, 20, 60], [2, 1, 20], [0.1, 2, 20], [0.1, 2, 5]];
const TIGHT: typeof LAWS = [[0.1, 2, 2.52], [0.1, 2, 4.2]];

/** Three SLOs in one queue; capacity by the middle one. */
const MIXED: readonly Scenario[] = ([[0.1, 2], [1, 3]] as const).map(([alphaMs, betaMs]) => ({ ...plainScenario({ alphaMs, betaMs }, 50), streams: [{ app: 'a', share: 1, sloMs: [10, 50, 200] }] }));
/** Four replicas that share a queue. */
const ALIKE: readonly Scenario[] = ([[2, 20, 60], [0.1, 2, 20], [0.1, 2, 5]] as const).map(([alphaMs, betaMs, sloMs]) => ({ ...plainScenario({ alphaMs, betaMs }, sloMs), speeds: [1, 1, 1, 1] }));
/** Four replicas, the last three times slower. */
const UNEQUAL: readonly Scenario[] = ([[0.1, 2], [2, 1]] as const).map(([alphaMs, betaMs]) => ({ ...plainScenario({ alphaMs, betaMs }, 20), speeds: [1, 1, 1, 1 / 3] }));

const RIVALS = ['by-rate', 'by-rate-waiting', 'clipper-release', 'clipper-paper', 'tf-serving', 'triton', 'bentoml'];
const MARGINS = [0, 2, 5, 10, 15, 20, 25, 30, 40].map((percent) => `by-rate@${percent}`);

/** All that the report plays; everything is played with the controller `ours`, the main panels with the others of ours too. */
export function panels(ours: string): Panel[] {
  const led = [ours];
  const all = [ours, ...CONTROLLERS.filter((name) => name !== ours), ...RIVALS];
  const panel = (group: Group, scenario: Scenario, rules: readonly string[], more: Partial<Panel> = {}): Panel =>
    ({ name: scenarioName(scenario), group, scenario, rules, loads: LOADS, arrivals: ARRIVALS, ...more });
  const plain = LAWS.map(([alphaMs, betaMs, sloMs]) => panel('plain', plainScenario({ alphaMs, betaMs }, sloMs), [...all, CLAIRVOYANT]));
  const disturbed = (group: Group, more: Partial<Law>): Panel[] =>
    LAWS.map(([alphaMs, betaMs, sloMs]) => panel(group, plainScenario({ alphaMs, betaMs, ...more }, sloMs), [...led, ...MARGINS, ...RIVALS.slice(1)]));
  const tight = TIGHT.map(([alphaMs, betaMs, sloMs]) =>
    panel('tight', plainScenario({ alphaMs, betaMs }, sloMs), [...all, ...(sloMs < 3 ? [BEST_ONLINE] : []), CLAIRVOYANT]));
  return [
    ...plain, ...disturbed('noise', { noise: 0.3 }), ...disturbed('steps', { steps: true }), ...tight,
    ...MIXED.map((scenario) => panel('mixed', scenario, all)), ...ALIKE.map((scenario) => panel('alike', scenario, [ours, ...RIVALS], { arrivals: FOUR_ARRIVALS })),
    ...UNEQUAL.map((scenario) => panel('unequal', scenario, all, { arrivals: FOUR_ARRIVALS })),
    ...bounded(panel, [ours, 'by-rate', CLAIRVOYANT]), overhead(panel, all), flood(panel, led),
    ...[1, 2, 3, 4].map((count) => replicas(panel, led, count)),
  ];
}

type MakePanel = (group: Group, scenario: Scenario, rules: readonly string[], more: Partial<Panel>) => Panel;

/** A batch at its best size is 400 rows and 100 ms: enough arrivals for many of them. */
function overhead(panel: MakePanel, rules: readonly string[]): Panel {
  const scenario = plainScenario({ alphaMs: 0.2, betaMs: 20 }, 200);
  return panel('overhead', scenario, rules, { loads: [4], arrivals: 40 * steadyRowsOf(scenario) });
}

/** Beside a bound that no schedule exceeds, where the clairvoyant optimum itself is out of reach. */
function bounded(panel: MakePanel, rules: readonly string[]): Panel[] {
  return [...MIXED, ...UNEQUAL].map((scenario) => panel('bound', scenario, rules, { name: `bound: ${scenarioName(scenario)}`, loads: [0.9, 2], arrivals: 3000, brief: true }));
}

/** Saturated, and long enough that what fills and empties does not count. */
function replicas(panel: MakePanel, rules: readonly string[], count: number): Panel {
  const scenario = { ...plainScenario({ alphaMs: 0.1, betaMs: 2 }, 20), speeds: Array.from({ length: count }, () => 1) };
  return panel('replicas', scenario, rules, { name: `saturated: ${scenarioName(scenario)}`, loads: [2], arrivals: 10_000 * count });
}

/** Two apps of equal weight: one offers 0.8 of its half of capacity, the other floods with ten times its half. */
function flood(panel: MakePanel, rules: readonly string[]): Panel {
  const meek = 0.8 / 2, flooding = 10 / 2;
  const load = meek + flooding;
  const streams = [{ app: 'flooding', share: flooding / load, sloMs: [20] }, { app: 'meek', share: meek / load, sloMs: [20] }];
  return panel('flood', { ...plainScenario({ alphaMs: 0.1, betaMs: 2 }, 20), streams }, rules, { loads: [load], arrivals: 2 * ARRIVALS });
}
