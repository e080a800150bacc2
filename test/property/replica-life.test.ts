import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LifePolicy, ReplicaEvent, ReplicaLife, ReplicaStep } from '../../frontend/control/replica-life.ts';
import { beginReplica, stepReplica, wakesAt } from '../../frontend/control/replica-life.ts';
import type { ReplicaFact } from '../../frontend/control/replica-reconcile.ts';
import { reconcileReplicas } from '../../frontend/control/replica-reconcile.ts';
import { SEED, seeded } from '../support/random.ts';

const policy: LifePolicy = {
  startTimeoutMicros: 50, drainTimeoutMicros: 40, silenceMicros: 30, backoffFirstMicros: 5, backoffLastMicros: 60,
  loopDeaths: 3, loopWindowMicros: 300, healthyMicros: 100,
};
const KINDS = ['hello', 'heartbeat', 'noted', 'refused', 'lost', 'hung', 'ended', 'drain', 'tick'] as const;
const happening = fc.record({ kind: fc.constantFrom(...KINDS), after: fc.nat(70), stale: fc.nat(9), random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }) });

function eventOf(kind: (typeof KINDS)[number], life: number): ReplicaEvent {
  switch (kind) {
    case 'drain': case 'tick': return { kind };
    case 'hello': case 'heartbeat': return { kind, life };
    default: return { kind, life, reason: kind };
  }
}

const LEGAL: Record<string, readonly string[]> = {
  starting: ['ready', 'ending', 'backoff'], ready: ['draining', 'ending', 'backoff'], draining: ['ending', 'stopped'],
  ending: ['backoff', 'stopped'], backoff: ['starting', 'stopped'], stopped: [],
};

/** The world around the reducer: processes that effects start and kill, announcements that they make and take back. */
class World {
  processes = 0;
  announced = 0;
  unwanted = false;
  carryOut({ effects }: ReplicaStep): void {
    for (const { kind } of effects) {
      if (kind === 'spawn') this.processes++;
      if (kind === 'spawn') assert.equal(this.unwanted, false, 'nothing starts that nobody wants');
      if (kind === 'announce') this.announced++;
      if (kind === 'withdraw') this.announced--;
      if (kind === 'kill' || kind === 'drain') assert.equal(this.processes, 1, `${kind} without a process`);
    }
    assert.ok(this.processes <= 1, 'two processes of one replica');
    assert.ok(this.announced === 0 || this.announced === 1, 'announce and withdraw come in turn');
  }
}

test(seeded('whatever happens to a replica, its moves are legal and it never has two processes'), () => {
  fc.assert(fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
    const world = new World();
    let now = 0;
    const begun = beginReplica({ now, random: 0, policy, mayTry: true });
    let life: ReplicaLife = begun.next;
    world.carryOut(begun);
    for (const { kind, after, stale, random } of happenings) {
      now += after;
      const current = stale > 0;
      // An end is seen only of a process that is there.
      if (kind === 'ended' && current && world.processes === 0) continue;
      if (kind === 'ended' && current) world.processes--;
      if (kind === 'drain') world.unwanted = true;
      const step = stepReplica(life, eventOf(kind, current ? life.life : life.life - 1), { now, random, policy, mayTry: true });
      const [from, to] = [life.state.kind, step.next.state.kind];
      assert.ok(from === to || LEGAL[from]?.includes(to), `${from} → ${to} on ${kind}`);
      life = step.next;
      world.carryOut(step);
      assert.equal(world.announced, to === 'ready' ? 1 : 0, 'exactly what is ready is announced');
      assert.equal(world.processes, to === 'backoff' || to === 'stopped' ? 0 : 1);
      assert.ok(life.recentDeaths.length <= policy.loopDeaths);
      if (life.state.kind === 'backoff') assert.ok(wakesAt(life) - life.state.sinceMicros <= policy.backoffLastMicros);
    }
    // Left alone, with its processes ending when they are killed, it comes to rest where it is wanted or not.
    const drained = stepReplica(life, { kind: 'drain' }, { now, random: 0, policy, mayTry: true });
    now = Math.max(now, Number.isFinite(wakesAt(drained.next)) ? wakesAt(drained.next) : now);
    const overdue = stepReplica(drained.next, { kind: 'tick' }, { now, random: 0, policy, mayTry: true });
    const over = stepReplica(overdue.next, { kind: 'ended', life: life.life, reason: 'killed' }, { now, random: 0, policy, mayTry: true });
    assert.equal(over.next.state.kind, 'stopped');
  }), { seed: SEED, numRuns: 2000 });
});

const anyFact = fc.record({
  generation: fc.constantFrom(1, 2),
  state: fc.constantFrom<ReplicaFact['state'][]>(
    { kind: 'starting', sinceMicros: 0, untilMicros: 1 }, { kind: 'ready', sinceMicros: 0, silentAtMicros: 1 },
    { kind: 'draining', sinceMicros: 0, untilMicros: 1 }, { kind: 'ending', sinceMicros: 0, restart: true, reason: '', cause: 'hung', healthy: false },
    { kind: 'backoff', sinceMicros: 0, untilMicros: 1, reason: '', cause: 'exited', looping: false }, { kind: 'backoff', sinceMicros: 0, untilMicros: 1, reason: '', cause: 'exited', looping: true },
    { kind: 'starting', sinceMicros: 0, untilMicros: 1, trial: true },
  ),
});

test(seeded('carried out, what reconciling asks for leaves nothing to ask for, and never fewer that serve than it may'), () => {
  fc.assert(fc.property(fc.array(anyFact, { maxLength: 8 }), fc.nat(5), (some, count) => {
    const want = { generation: 2, count };
    const facts: ReplicaFact[] = some.map((one, i) => ({ ...one, ordinal: i + 1 }));
    const actions = reconcileReplicas(want, facts);
    const drained = new Set(actions.flatMap((action) => (action.kind === 'drain' ? [action.ordinal] : [])));
    const next = facts.filter(({ ordinal }) => !drained.has(ordinal));
    for (const { kind } of actions) if (kind === 'start') next.push({ ordinal: next.length + 100, generation: 2, state: { kind: 'starting', sinceMicros: 0, untilMicros: 1 } });
    assert.deepEqual(reconcileReplicas(want, next), []);
    const serving = (all: readonly ReplicaFact[]): number => all.filter(({ state }) => state.kind === 'ready').length;
    assert.ok(serving(next) >= Math.min(count, serving(facts)));
    const wanted = next.filter(({ generation, state }) => generation === 2 && state.kind !== 'draining');
    // Of a version in a crash loop nothing more is started before one is ready.
    const held = wanted.some(({ state }) => (state.kind === 'backoff' && state.looping) || (state.kind === 'starting' && state.trial === true)) && !wanted.some(({ state }) => state.kind === 'ready');
    assert.ok(held ? wanted.length <= count : wanted.length === count);
  }), { seed: SEED, numRuns: 2000 });
});
