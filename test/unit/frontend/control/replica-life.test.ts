import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LifePolicy, ReplicaEvent, ReplicaLife, ReplicaStep } from '../../../../frontend/control/replica-life.ts';
import { beginReplica, stepReplica, wakesAt } from '../../../../frontend/control/replica-life.ts';

const policy: LifePolicy = {
  startTimeoutMicros: 1000, drainTimeoutMicros: 500, silenceMicros: 200, backoffFirstMicros: 10, backoffLastMicros: 80,
  loopDeaths: 3, loopWindowMicros: 10_000, healthyMicros: 5000,
};

/** Plays events to one replica at the times given; remembers the effects of all. */
class Play {
  life: ReplicaLife;
  effects: string[] = [];
  mayTry = true;
  #now = 0;
  readonly #random: number;

  constructor(random = 1) {
    this.#random = random;
    this.life = this.#take(beginReplica({ now: 0, random, policy, mayTry: true }));
  }

  at(now: number, event: ReplicaEvent): this {
    this.#now = now;
    this.#take(stepReplica(this.life, event, { now: this.#now, random: this.#random, policy, mayTry: this.mayTry }));
    return this;
  }
  /** Dies as soon as the backoff is over, `times` times. */
  dieAtStart(times: number): this {
    for (let i = 0; i < times; i++) {
      this.at(this.#now, { kind: 'ended', life: this.life.life, reason: 'x' });
      this.at(wakesAt(this.life), { kind: 'tick' });
    }
    return this;
  }

  #take({ next, effects }: ReplicaStep): ReplicaLife {
    this.effects.push(...effects.map((effect) => ('reason' in effect ? `${effect.kind}: ${effect.reason}` : effect.kind)));
    return (this.life = next);
  }
}

test('a replica starts, serves, drains and stops', () => {
  const play = new Play().at(10, { kind: 'hello', life: 1 });
  assert.deepEqual(play.life.state, { kind: 'ready', sinceMicros: 10, silentAtMicros: Number.POSITIVE_INFINITY });
  play.at(20, { kind: 'drain' });
  assert.equal(wakesAt(play.life), 520);
  play.at(30, { kind: 'lost', life: 1, reason: 'goodbye' }).at(31, { kind: 'ended', life: 1, reason: 'exited' });
  assert.deepEqual(play.life.state, { kind: 'stopped', sinceMicros: 31 });
  assert.deepEqual(play.effects, ['spawn', 'announce', 'withdraw: draining', 'drain']);
  assert.equal(play.life.deaths, 0);
});

test('what dies at start waits longer and longer, up to the longest, then for ever the longest', () => {
  const waits: number[] = [];
  const play = new Play();
  for (let i = 0; i < 6; i++) {
    play.at(i * 3400, { kind: 'ended', life: play.life.life, reason: 'x' });
    waits.push(wakesAt(play.life) - i * 3400);
    play.at(wakesAt(play.life), { kind: 'tick' });
  }
  assert.deepEqual(waits, [10, 20, 80, 80, 80, 80]);
  assert.equal(new Play(0).at(0, { kind: 'ended', life: 1, reason: 'x' }).life.state.kind, 'backoff');
  assert.equal(wakesAt(new Play(0).at(0, { kind: 'ended', life: 1, reason: 'x' }).life), 5);
});

test('so many deaths in so short a time are a crash loop; a healthy life ends it', () => {
  const play = new Play().dieAtStart(2).at(100, { kind: 'ended', life: 3, reason: 'x' });
  assert.ok(play.life.state.kind === 'backoff' && play.life.state.looping);
  play.at(wakesAt(play.life), { kind: 'tick' }).at(200, { kind: 'hello', life: 4 }).at(20_000, { kind: 'ended', life: 4, reason: 'x' });
  assert.ok(play.life.state.kind === 'backoff' && !play.life.state.looping);
  assert.equal(wakesAt(play.life) - 20_000, 10);
  assert.equal(play.life.deaths, 4);
});

test('in a crash loop it tries only while nobody else of its version is on trial', () => {
  const play = new Play().dieAtStart(2).at(100, { kind: 'ended', life: 3, reason: 'x', cause: 'exited' });
  const due = wakesAt(play.life);
  play.mayTry = false;
  play.at(due, { kind: 'tick' });
  assert.deepEqual([play.life.state.kind, wakesAt(play.life)], ['backoff', due + policy.backoffLastMicros]);
  play.mayTry = true;
  const { state } = play.at(wakesAt(play.life), { kind: 'tick' }).life;
  assert.ok(state.kind === 'starting' && state.trial === true);
  // One that merely waits is not asked.
  const once = new Play().at(1, { kind: 'ended', life: 1, reason: 'x' });
  once.mayTry = false;
  assert.equal(once.at(wakesAt(once.life), { kind: 'tick' }).life.state.kind, 'starting');
});

test('the cause of a death is what ended it first, unless that was only a lost connection', () => {
  const causeOf = (kind: 'lost' | 'hung' | 'refused', cause: 'memory' | 'killed'): string => {
    const play = new Play().at(1, { kind: 'hello', life: 1 }).at(2, { kind, life: 1, reason: 'why' }).at(3, { kind: 'ended', life: 1, reason: 'gone', cause });
    return play.life.state.kind === 'backoff' ? play.life.state.cause : play.life.state.kind;
  };
  assert.deepEqual([causeOf('lost', 'memory'), causeOf('hung', 'killed'), causeOf('refused', 'killed')], ['memory', 'hung', 'refused']);
  const late = new Play().at(1000, { kind: 'tick' }).at(1001, { kind: 'ended', life: 1, reason: 'killed', cause: 'killed' });
  assert.ok(late.life.state.kind === 'backoff' && late.life.state.cause === 'no_hello');
});

test('no hello in time, silence, hanging and a lost connection each end the life and begin another', () => {
  const late = new Play().at(1000, { kind: 'tick' });
  assert.deepEqual(late.effects, ['spawn', 'kill: no hello within 1 ms']);
  const silent = new Play().at(1, { kind: 'hello', life: 1 }).at(5, { kind: 'heartbeat', life: 1 }).at(204, { kind: 'tick' });
  assert.equal(silent.life.state.kind, 'ready');
  assert.deepEqual(silent.at(205, { kind: 'tick' }).effects.slice(2), ['withdraw: its watchdog was silent for 0 ms', 'kill: its watchdog was silent for 0 ms']);
  for (const kind of ['hung', 'lost'] as const) {
    const play = new Play().at(1, { kind: 'hello', life: 1 }).at(2, { kind, life: 1, reason: 'why' });
    assert.deepEqual(play.effects.slice(2), ['withdraw: why', 'kill: why']);
    play.at(3, { kind: 'ended', life: 1, reason: 'killed' }).at(13, { kind: 'tick' });
    assert.deepEqual(play.effects.slice(4), ['mourn: why; killed', 'spawn']);
    assert.equal(play.life.life, 2);
  }
});

test('what was noted explains the end that follows', () => {
  const play = new Play().at(1, { kind: 'noted', life: 1, reason: 'bad token' }).at(2, { kind: 'ended', life: 1, reason: 'exited' });
  assert.deepEqual(play.effects, ['spawn', 'mourn: bad token; exited']);
});

test('news of an earlier life, and any after the end, change nothing', () => {
  const play = new Play().at(1, { kind: 'ended', life: 1, reason: 'x' }).at(11, { kind: 'tick' });
  const { life } = play;
  assert.equal(play.at(12, { kind: 'hello', life: 1 }).at(13, { kind: 'ended', life: 1, reason: 'x' }).life, life);
  play.at(14, { kind: 'drain' }).at(15, { kind: 'ended', life: 2, reason: 'x' });
  const stopped = play.life;
  assert.equal(play.at(16, { kind: 'drain' }).at(99_999, { kind: 'tick' }).life, stopped);
});

test('a replica that nobody wants any more does not come back: from backoff, while it ends, while it drains', () => {
  assert.equal(new Play().at(1, { kind: 'ended', life: 1, reason: 'x' }).at(2, { kind: 'drain' }).life.state.kind, 'stopped');
  const ending = new Play().at(1, { kind: 'refused', life: 1, reason: 'x' }).at(2, { kind: 'drain' }).at(3, { kind: 'ended', life: 1, reason: 'x' });
  assert.equal(ending.life.state.kind, 'stopped');
  const overdue = new Play().at(1, { kind: 'hello', life: 1 }).at(2, { kind: 'drain' }).at(502, { kind: 'tick' });
  assert.equal(overdue.effects.at(-1), 'kill: it did not drain in time');
  assert.equal(overdue.at(503, { kind: 'ended', life: 1, reason: 'killed' }).life.state.kind, 'stopped');
});
