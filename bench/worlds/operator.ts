import { EMPTY_DESIRED_STATE, PRIORITIES, modelKey, nameRecord, type AppSpec, type DesiredState, type ModelRules, type ModelSpec, type OnMiss } from '../../frontend/domain/model.ts';
import type { Pin } from '../../frontend/domain/query.ts';
import { random, type Random } from '../load/random.ts';

/** What the operator wants at first, and how often something else; and what callers say beside their inputs. */
export interface OperatorPlan {
  readonly models: readonly ModelSpec[];
  readonly apps: readonly AppSpec[];
  /** Between two arrivals something else is wanted. */
  readonly changes: number;
  /** A query names a model, or a version of one; it has a priority of its own. */
  readonly pins: number;
  readonly raises: number;
  /** Batches that a replica takes at a time. */
  readonly inFlight: number;
}

/** What `planOperator` goes by: one model `m@1`, and what its one app is. */
export interface PlainParts {
  readonly model: ModelSpec;
  readonly onMiss: OnMiss;
}

const NAMES = ['m', 'n'] as const;
const VERSIONS = [1, 2, 3] as const;
const MOST_REPLICAS = 3;

/** Two worlds of three have one app with one arm, as it was from the start; the others many, and an operator who is never content. */
export function planOperator(seed: number, { model, onMiss }: PlainParts): OperatorPlan {
  const draw = random(seed + 2 ** 41);
  const plain = appOf('a', ['m'], { onMiss, sloMs: model.sloMs });
  if (draw() < 2 / 3) return { models: [model], apps: [plain], changes: 0, pins: 0, raises: 0, inFlight: 1 };
  const among = choosing(draw);
  const models = [model, { ...model, name: 'n' }, ...(draw() < 0.5 ? [{ ...model, version: 2 }] : [])];
  const apps = [plain];
  for (let i = 0, more = among(0, 1, 2, 4); i < more; i++) apps.push(drawApp(`a${i}`, apps, { draw, sloMs: model.sloMs }));
  return { models, apps, changes: among(0, 0.02, 0.1, 0.3), pins: among(0, 0, 0.2), raises: among(0, 0, 0.2), inFlight: among(1, 1, 2) };
}

/**
 * Somebody who wants something else now and then. Harsher than admin, which would refuse it: arms may mean versions and apps
 * that are not there.
 */
export class Operator {
  readonly #draw: Random;
  readonly #plan: OperatorPlan;
  #desired: DesiredState;

  constructor(plan: OperatorPlan, seed: number) {
    this.#plan = plan;
    this.#draw = random(seed + 2 ** 42);
    this.#desired = {
      ...EMPTY_DESIRED_STATE, revision: 1, models: nameRecord(plan.models.map((spec) => [modelKey(spec.name, spec.version), spec])),
      apps: nameRecord(plan.apps.map((spec) => [spec.name, spec])),
    };
  }

  get desired(): DesiredState {
    return this.#desired;
  }

  /** There are others than one app with one arm. */
  get isBusy(): boolean {
    return this.#plan.apps.length > 1 || this.#plan.changes > 0;
  }

  /** The app of the next query. */
  app(): string {
    return this.#of(this.#plan.apps).name;
  }

  /** What its caller says beside the input. */
  said(): { readonly pin?: Pin; readonly priority?: number } {
    const { pins, raises } = this.#plan;
    const pin: Pin = { model: this.#of(NAMES), ...(this.#draw() < 0.5 ? {} : { version: this.#of([...VERSIONS, 'stable', 'canary']) }) };
    return { ...(pins > 0 && this.#draw() < pins ? { pin } : {}), ...(raises > 0 && this.#draw() < raises ? { priority: Math.floor(this.#draw() * PRIORITIES.length) } : {}) };
  }

  /** True where something else is wanted from now on. */
  changes(): boolean {
    const { changes } = this.#plan;
    if (changes === 0 || this.#draw() >= changes) return false;
    const change = this.#of([this.#version, this.#version, this.#scale, this.#batching, this.#label, this.#rules, this.#app, this.#steer]);
    this.#desired = { ...this.#desired, ...change(), revision: this.#desired.revision + 1 };
    return true;
  }

  /** A version comes, or goes: the last of a model too. */
  readonly #version = (): Partial<DesiredState> => {
    const [name, version] = [this.#of(NAMES), this.#of(VERSIONS)];
    const { [modelKey(name, version)]: known, ...others } = this.#desired.models;
    const [sibling] = this.#plan.models;
    if (known === undefined && sibling !== undefined) return { models: nameRecord([...entries(others), [modelKey(name, version), { ...sibling, name, version }]]) };
    const labels = Object.entries(this.#desired.labels).map(([model, of]) => [model, nameRecord(Object.entries(of).filter(([, at]) => model !== name || at !== version))] as const);
    return { models: nameRecord(entries(others)), labels: nameRecord(labels) };
  };

  readonly #scale = (): Partial<DesiredState> => this.#model((spec) => ({ ...spec, replicas: Math.floor(this.#draw() * (MOST_REPLICAS + 1)) }));

  /** Another queue for the same replicas. */
  readonly #batching = (): Partial<DesiredState> => this.#model((spec) => ({ ...spec, batching: { ...spec.batching, maxBatch: this.#of([1, 4, 16]), maxQueueRows: this.#of([4, 64, 1000]) } }));

  readonly #label = (): Partial<DesiredState> => {
    const name = this.#of(NAMES);
    const versions = Object.values(this.#desired.models).filter((spec) => spec.name === name).map(({ version }) => version);
    if (versions.length === 0) return {};
    const { [name]: labels = {}, ...others } = this.#desired.labels;
    const named = { ...labels, [this.#of(['stable', 'canary'])]: this.#of(versions) };
    return { labels: nameRecord([...Object.entries(others), [name, nameRecord(Object.entries(named))]]) };
  };

  readonly #rules = (): Partial<DesiredState> => {
    const rules: ModelRules = this.#of<ModelRules>([{}, { split: { stable: 3, canary: 1 } }, { transition: 'resource' }, { versions: { latest: 1 } }]);
    return { rules: nameRecord([...Object.entries(this.#desired.rules ?? {}).filter(([name]) => name !== 'm'), ['m', rules]]) };
  };

  /** An app goes, comes again, or means something else. */
  readonly #app = (): Partial<DesiredState> => {
    const spec = this.#of(this.#plan.apps);
    const { [spec.name]: known, ...others } = this.#desired.apps;
    const again = this.#draw() < 0.5 ? spec : { ...spec, weight: spec.weight + 1, onMiss: this.#of<OnMiss>(['default', 'error', 'wait']), default: -1 };
    return { apps: nameRecord([...Object.entries(others), ...(known === undefined || this.#draw() < 0.5 ? [[spec.name, again] as const] : [])]) };
  };

  readonly #steer = (): Partial<DesiredState> => {
    const { name, arms } = this.#of(this.#plan.apps);
    return { steering: nameRecord([[name, this.#of([{}, { pin: this.#of(arms) }, { shadow: [this.#of(arms)] }, { exploit: true }])]]) };
  };

  #model(changed: (spec: ModelSpec) => ModelSpec): Partial<DesiredState> {
    const keys = Object.keys(this.#desired.models) as (keyof DesiredState['models'])[];
    if (keys.length === 0) return {};
    const key = this.#of(keys);
    return { models: nameRecord(entries(this.#desired.models).map(([at, spec]) => [at, at === key ? changed(spec) : spec])) };
  }

  #of<T>(choices: readonly T[]): T {
    return choosing(this.#draw)(...choices);
  }
}

function entries(models: DesiredState['models']): (readonly [keyof DesiredState['models'], ModelSpec])[] {
  return Object.entries(models) as [keyof DesiredState['models'], ModelSpec][];
}

/** An app over models, and over the apps that there are. */
function drawApp(name: string, before: readonly AppSpec[], { draw, sloMs }: { draw: Random; sloMs: number }): AppSpec {
  const among = choosing(draw);
  const app = `app:${among(...before).name}`;
  const shapes: readonly Partial<AppSpec>[] = [
    { arms: ['m@2'] }, { arms: ['m', 'n'], policy: 'thompson' }, { arms: ['m@stable', 'n', app], policy: 'epsilon-greedy' }, { arms: ['m', 'n'], ensemble: { combine: 'mean' } },
    { arms: ['m', 'n', app], policy: 'hedge', ensemble: { combine: 'median', minConfidence: 0.5 } }, { arms: ['m', 'n'], cascade: { first: 'm', second: 'n', below: 0.9 } },
    { arms: ['n', app], cascade: { first: app, second: 'n', below: 0.5 }, shadow: ['n'] }, { arms: ['m', 'n'], shadow: ['n'] }, { arms: [app] },
  ];
  const { arms = [], ...shape } = among(...shapes);
  return appOf(name, arms, {
    sloMs: sloMs * among(0.5, 1, 4), onMiss: among('default', 'error', 'wait'), priority: among(...PRIORITIES), weight: among(1, 1, 5), ...shape,
    feedback: { aggregation: 'first', windowMs: 1000, missReward: among('zero', 'mask', 'ignore'), labelScale: 1 },
  });
}

function appOf(name: string, arms: readonly string[], more: Partial<AppSpec> & Pick<AppSpec, 'onMiss' | 'sloMs'>): AppSpec {
  return { name, arms, policy: 'static', output: 'value', sloMinMs: 1, sloMaxMs: 600_000, priority: 'normal', weight: 1, ...(more.onMiss === 'default' ? { default: -1 } : {}), ...more };
}

function choosing(draw: Random): <T>(...choices: readonly T[]) => T {
  return (...choices) => choices[Math.floor(draw() * choices.length)] as (typeof choices)[number];
}
