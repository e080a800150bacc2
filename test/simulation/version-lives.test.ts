import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSupervised } from '../../frontend/control/version-life.ts';
import { chosenVersions } from '../../frontend/control/version-policy.ts';
import { EMPTY_DESIRED_STATE, modelKey, nameRecord, type DesiredState, type ModelKey, type ModelRules, type ModelSpec } from '../../frontend/domain/model.ts';
import { CarryOut } from '../../frontend/lifecycle/carry-out.ts';
import { random as randomOf } from '../../bench/load/random.ts';
import { SEED, seeded } from '../support/random.ts';
import { desiredOf, makeModel } from '../support/specs.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** .ci/deep plays thousands. */
const SEEDS = Number(process.env['TRADEWIND_VERSION_WORLDS'] ?? 400);
const EVENTS = 25;
const PARALLEL = 2;
const MODELS = ['a', 'b', 'c'];
const VERSIONS = [1, 2, 3, 4];
const NEEDED_BYTES = 64 * 1024 * 1024;

interface Process {
  readonly life: number;
  state: 'starting' | 'ready' | 'draining';
}

/** Replicas that start, die and drain as chance wants it, under the production code. */
class World {
  readonly clock = new VirtualClock();
  readonly carryOut: CarryOut;
  readonly random: () => number;
  readonly processes = new Map<ModelKey, Process>();
  readonly rows = new Set<ModelKey>();
  desired = EMPTY_DESIRED_STATE;
  availableBytes = 10 * NEEDED_BYTES;
  /** Nothing dies by itself any more. */
  isCalm = false;
  firstStart = true;
  #lives = 0;
  /** By model, whether a version that is ready answered. */
  #answered = new Map<string, readonly ModelKey[]>();
  #labels: DesiredState['labels'] = nameRecord([]);

  constructor(seed: number) {
    this.random = randomOf(seed);
    const quiet = (): void => {};
    this.carryOut = new CarryOut({
      clock: this.clock, log: { debug: quiet, info: quiet, warn: quiet, error: quiet }, retireMicros: 50_000, parallelLoads: PARALLEL,
      isReady: (key) => this.isReady(key), isPresent: (key) => this.processes.has(key), unsettled: () => this.#unsettled(),
      bytesOf: () => NEEDED_BYTES, availableBytes: () => this.availableBytes,
      route: (state) => this.#route(state), supervise: ({ models }) => this.#supervise(models),
    });
  }

  isReady(key: ModelKey): boolean {
    return this.processes.get(key)?.state === 'ready';
  }

  apply(desired: DesiredState): void {
    this.desired = desired;
    this.carryOut.apply(desired);
    this.check();
  }

  /** Held after every event. */
  check(): void {
    const { versions, running } = this.carryOut;
    const loading = [...versions.values()].filter(({ state }) => state.kind === 'loading');
    if (loading.length === 0 && versions.size > 0) this.firstStart = false;
    assert.ok(this.firstStart || loading.length <= PARALLEL, `${loading.length} loads at a time`);
    for (const [key, life] of versions) {
      const { spec, state } = life;
      if (isSupervised(life) && spec.replicas > 0) assert.ok(this.processes.has(key), `${key} is ${state.kind} without a process`);
      if (state.kind === 'waiting' && state.why === 'turn') assert.equal(loading.length, PARALLEL, `${key} waits for its turn while there is one`);
    }
    for (const model of MODELS) this.#checkAnswered(model, running);
    this.#checkLabels(running);
  }

  /** While a version that answered can still answer, one does. */
  #checkAnswered(model: string, running: DesiredState): void {
    const answering = Object.values(running.models).filter((spec) => spec.name === model).map((spec) => modelKey(model, spec.version)).filter((key) => this.isReady(key));
    const isWanted = Object.values(this.desired.models).some(({ name }) => name === model);
    const mayGo = this.desired.rules?.[model]?.transition === 'resource' || !isWanted || wantsNone(this.desired, model);
    const could = (this.#answered.get(model) ?? []).filter((key) => this.isReady(key));
    assert.ok(mayGo || could.length === 0 || answering.length > 0, `${model}: ${could.join(', ')} could answer, and nobody does; wanted ${Object.values(this.desired.models).map((m) => `${m.name}@${m.version}x${m.replicas}`).join(' ')} by ${JSON.stringify(this.desired.rules?.[model])}, labels ${JSON.stringify(this.desired.labels[model] ?? {})}; routed ${Object.keys(running.models).join(' ')}`);
    this.#answered.set(model, answering);
  }

  /** A label moves only to a version that is ready, unless the one that it leaves is gone, or nothing is to run of the other. */
  #checkLabels({ labels, models, rules }: DesiredState): void {
    for (const [model, of] of Object.entries(labels)) {
      for (const [label, version] of Object.entries(of)) {
        const before = this.#labels[model]?.[label];
        const moved = before !== undefined && before !== version;
        const isWithout = models[modelKey(model, version)]?.replicas === 0;
        if (!moved || isWithout || rules?.[model]?.transition === 'resource' || models[modelKey(model, before)] === undefined) continue;
        assert.ok(this.isReady(modelKey(model, version)), `${model}@${label} moved from ${before} to ${version}, which is not ready`);
      }
    }
    this.#labels = labels;
  }

  #route({ models }: DesiredState): void {
    for (const key of Object.keys(models) as ModelKey[]) this.rows.delete(key);
    for (const key of this.processes.keys()) if (models[key] === undefined && this.random() < 0.5) this.#holdRows(key);
  }

  #holdRows(key: ModelKey): void {
    this.rows.add(key);
    this.clock.wakeAt(this.clock.now() + Math.ceil(this.random() * 100_000), () => void this.rows.delete(key));
  }

  #unsettled(): ReadonlySet<ModelKey> {
    return new Set(this.rows);
  }

  #supervise(models: DesiredState['models']): void {
    for (const [key, process] of this.processes) if (models[key] === undefined || models[key].replicas === 0) this.#drain(key, process);
    for (const [key, spec] of Object.entries(models) as [ModelKey, ModelSpec][]) {
      const process = this.processes.get(key);
      if (spec.replicas > 0 && (process === undefined || process.state === 'draining')) this.#start(key);
    }
  }

  #start(key: ModelKey): void {
    const life = ++this.#lives;
    this.processes.set(key, { life, state: 'starting' });
    this.#later(key, life, 100_000, () => {
      if (this.isCalm || this.random() < 0.6) this.#turn(key, 'ready');
      else this.#die(key);
    });
  }

  #turn(key: ModelKey, state: Process['state']): void {
    const process = this.processes.get(key);
    if (process !== undefined) process.state = state;
    this.carryOut.replicasChanged();
    this.check();
  }

  #die(key: ModelKey): void {
    this.#start(key);
    this.carryOut.replicaDied(key, 'exited with code 1');
    this.carryOut.replicasChanged();
    this.check();
  }

  kill(key: ModelKey): void {
    if (this.isReady(key)) this.#die(key);
  }

  #drain(key: ModelKey, process: Process): void {
    if (process.state === 'draining') return;
    process.state = 'draining';
    this.#later(key, process.life, 20_000, () => {
      this.processes.delete(key);
      this.carryOut.replicasChanged();
      this.check();
    });
  }

  #later(key: ModelKey, life: number, withinMicros: number, run: () => void): void {
    const state = this.processes.get(key)?.state;
    this.clock.wakeAt(this.clock.now() + Math.ceil(this.random() * withinMicros), () => {
      const process = this.processes.get(key);
      if (process?.life === life && process.state === state) run();
    });
  }
}

/** All that is wanted of the model has no replicas. */
function wantsNone(desired: DesiredState, model: string): boolean {
  return [...chosenVersions(desired)].every((key) => desired.models[key]?.name !== model || desired.models[key]?.replicas === 0);
}

function anyState(random: () => number): DesiredState {
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const specs = MODELS.flatMap((name) => VERSIONS.filter(() => random() < 0.5).map((version) => makeModel({ name, version, replicas: random() < 0.9 ? 1 : 0 })));
  const rulesOf = (): ModelRules => ({
    versions: pick(['all', { latest: 1 }, { latest: 2 }, { specific: [1, 3] }] as const), transition: pick(['availability', 'availability', 'resource'] as const),
  });
  const labelled = specs.filter(() => random() < 0.2).map((spec) => [spec.name, { stable: spec.version }] as const);
  return { ...desiredOf(specs, [], Object.fromEntries(labelled)), rules: nameRecord(MODELS.map((name) => [name, rulesOf()] as const)) };
}

function play(seed: number): { readonly moves: number } {
  const world = new World(seed);
  let moves = 0;
  for (let event = 0; event < EVENTS; event++) {
    const chance = world.random();
    if (chance < 0.3) world.apply(anyState(world.random));
    else if (chance < 0.5) world.kill([...world.processes.keys()][Math.floor(world.random() * world.processes.size)] ?? 'a@1');
    else if (chance < 0.6) world.availableBytes = Math.floor(world.random() * 6) * NEEDED_BYTES;
    world.clock.advance(Math.floor(world.random() * 40_000));
    world.check();
    moves += world.carryOut.versions.size;
  }
  settle(world);
  return { moves };
}

/** Left alone, with all that it needs, everything that is wanted is ready, everything else is gone, and nothing is awaited. */
function settle(world: World): void {
  world.isCalm = true;
  world.availableBytes = 100 * NEEDED_BYTES;
  world.clock.advance(20_000_000);
  const { versions } = world.carryOut;
  const chosen = [...chosenVersions(world.desired)];
  const kinds = Object.fromEntries([...versions].map(([key, { state }]) => [key, state.kind]));
  const expected = Object.fromEntries(chosen.map((key) => [key, world.desired.models[key]?.replicas === 0 ? 'idle' : 'ready']));
  assert.deepEqual(kinds, expected, JSON.stringify([world.desired.labels, world.desired.rules, Object.keys(world.desired.models)]));
  assert.deepEqual([world.carryOut.isReady, world.carryOut.missing], [true, []]);
  world.carryOut.stop();
  assert.equal(world.clock.pending, 0, 'nothing is awaited');
}

test(seeded(`in ${SEEDS} worlds of versions that come, fail and go, what could answer does, and no more load than may`), () => {
  let moves = 0;
  for (let i = 0; i < SEEDS; i++) {
    const seed = (SEED % 1_000_000) * 10_000 + i;
    try {
      moves += play(seed).moves;
    } catch (error) {
      throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  assert.ok(moves > SEEDS * EVENTS, `too little happened: ${moves}`);
});
