import { readFileSync } from 'node:fs';
import type { Law } from '../simulator/law.ts';
import type { RecordedBatch } from '../simulator/recorded-law.ts';
import { CONTROLLERS } from '../simulator/rules.ts';
import { capacityOf, plainScenario, scenarioName, steadyRowsOf, type Scenario } from '../simulator/scenario.ts';

/** One picture of the report: a scenario, played under several rules at several loads. */
export interface Panel {
  readonly name: string;
  /** Which bar it belongs to. */
  readonly group: Group;
  readonly scenario: Scenario;
  readonly loads: readonly number[];
  readonly rules: readonly string[];
  /** Arrivals that count, at load 1 or below; above it, as many more as the load is higher. */
  readonly arrivals: number;
  /** Where the bound takes long. */
  readonly oneSeed?: boolean;
}

export type Group = 'plain' | 'noise' | 'steps' | 'recorded' | 'tight' | 'mixed' | 'alike' | 'unequal' | 'overhead' | 'flood' | 'replicas' | 'bound-mixed' | 'bound-unequal';

/** Knows the future. */
export const CLAIRVOYANT = 'clairvoyant';
/** The best that can be done without, by value iteration. */
export const BEST_ONLINE = 'best-online';

export const LOADS = [0.5, 0.9, 1.2, 2, 4];
const ARRIVALS = 4000;
/**
 * With mixed SLOs, and with four replicas, so many that a point of five seeds varies by less than its bar; with three times
 * as many as above it was by more. And so long that what fills and empties within the longest SLO does not count.
 */
const MANY_ARRIVALS = 12 * ARRIVALS;
const MIXED_BOUND_SECONDS = 2;
/** As it has in `bench/live.ts`. */
const SVM_SLO_MS = 40;

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

/** A rule by rate with a margin of so many percent. */
export function isMargin(rule: string): boolean {
  return MARGINS.includes(rule);
}

/** Of the panel that plays a scenario, named so, beside a bound. */
export function boundName(name: string): string {
  return `bound: ${name}`;
}

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
    ...plain, ...disturbed('noise', { noise: 0.3 }), ...disturbed('steps', { steps: true }),
    panel('recorded', recorded(), [...led, ...MARGINS, ...RIVALS.slice(1)], { name: `an SVM on MNIST, recorded / ${SVM_SLO_MS}` }), ...tight,
    ...MIXED.map((scenario) => panel('mixed', scenario, all, { arrivals: MANY_ARRIVALS })),
    ...ALIKE.map((scenario) => panel('alike', scenario, all, { arrivals: MANY_ARRIVALS })),
    ...UNEQUAL.map((scenario) => panel('unequal', scenario, all, { arrivals: MANY_ARRIVALS })),
    ...bounded(panel, [ours, 'by-rate', CLAIRVOYANT]),
    overhead(panel, all), flood(panel, led),
    ...[1, 2, 3, 4].map((count) => replicas(panel, led, count)),
  ];
}

type MakePanel = (group: Group, scenario: Scenario, rules: readonly string[], more: Partial<Panel>) => Panel;

/** What `bench/live.ts --laws` saw at the container of its SVM. */
function recorded(): Scenario {
  const batches = JSON.parse(readFileSync(new URL('../simulator/recorded/svm.json', import.meta.url), 'utf8')) as RecordedBatch[];
  return plainScenario({ alphaMs: 0, betaMs: 0, recorded: batches }, SVM_SLO_MS);
}

/** A batch at its best size is 400 rows and 100 ms: enough arrivals for many of them. */
function overhead(panel: MakePanel, rules: readonly string[]): Panel {
  const scenario = plainScenario({ alphaMs: 0.2, betaMs: 20 }, 200);
  return panel('overhead', scenario, rules, { loads: [4], arrivals: 40 * steadyRowsOf(scenario) });
}

/**
 * Beside a bound that no schedule exceeds, where the clairvoyant optimum itself is out of reach: ten of the longest SLO and
 * more. In less, most of what the bound has and we have not is what is in the queue when the last query comes.
 */
function bounded(panel: MakePanel, rules: readonly string[]): Panel[] {
  const beside = (group: Group, scenario: Scenario, arrivals: number): Panel =>
    panel(group, scenario, rules, { name: boundName(scenarioName(scenario)), arrivals, oneSeed: true });
  return [
    ...MIXED.map((scenario) => beside('bound-mixed', scenario, Math.round(MIXED_BOUND_SECONDS * capacityOf(scenario)))),
    ...UNEQUAL.map((scenario) => beside('bound-unequal', scenario, 2 * ARRIVALS)),
  ];
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
