import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReplicaState } from '../../../../frontend/control/replica-life.ts';
import type { ReplicaFact } from '../../../../frontend/control/replica-reconcile.ts';
import { reconcileReplicas } from '../../../../frontend/control/replica-reconcile.ts';

const STATES: Record<string, ReplicaState> = {
  ready: { kind: 'ready', sinceMicros: 0, silentAtMicros: 1 },
  starting: { kind: 'starting', sinceMicros: 0, untilMicros: 1 },
  backoff: { kind: 'backoff', sinceMicros: 0, untilMicros: 1, reason: '', cause: 'exited', looping: true },
  trial: { kind: 'starting', sinceMicros: 0, untilMicros: 1, trial: true },
  draining: { kind: 'draining', sinceMicros: 0, untilMicros: 1 },
};
const fact = (ordinal: number, state: string, more: Partial<ReplicaFact> = {}): ReplicaFact => ({ ordinal, generation: 1, state: STATES[state] as ReplicaState, ...more });
const drains = (...ordinals: number[]): object[] => ordinals.map((ordinal) => ({ kind: 'drain', ordinal }));

test('missing replicas are started; those on their way out do not count', () => {
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 3 }, [fact(1, 'ready'), fact(2, 'draining')]), [{ kind: 'start' }, { kind: 'start' }]);
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 2 }, [fact(1, 'backoff'), fact(2, 'starting')]), []);
});

test('of surplus ones, those that serve nobody go first, and then the newest', () => {
  const replicas = [fact(1, 'ready'), fact(2, 'backoff'), fact(3, 'ready'), fact(4, 'ready')];
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 2 }, replicas), drains(2, 4));
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 0 }, replicas), drains(2, 4, 3, 1));
});

test('replicas of an earlier wording serve until as many of the present one are ready', () => {
  const old = [fact(1, 'ready'), fact(2, 'ready'), fact(3, 'starting')];
  assert.deepEqual(reconcileReplicas({ generation: 2, count: 2 }, old), [{ kind: 'start' }, { kind: 'start' }, ...drains(3)]);
  const half = [fact(1, 'ready'), fact(2, 'ready'), fact(4, 'ready', { generation: 2 }), fact(5, 'starting', { generation: 2 })];
  assert.deepEqual(reconcileReplicas({ generation: 2, count: 2 }, half), drains(2));
  const whole = [fact(1, 'ready'), fact(4, 'ready', { generation: 2 }), fact(5, 'ready', { generation: 2 })];
  assert.deepEqual(reconcileReplicas({ generation: 2, count: 2 }, whole), drains(1));
  const cold = [fact(1, 'ready'), fact(4, 'ready', { generation: 2, isCold: true })];
  assert.deepEqual(reconcileReplicas({ generation: 2, count: 1 }, cold), []);
});

test('dialled containers have one replica at each address', () => {
  const replicas = [fact(1, 'ready', { address: 'a' }), fact(2, 'ready', { address: 'b' })];
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 9, addresses: ['b', 'c', 'c'] }, replicas), [{ kind: 'start', address: 'c' }, ...drains(1)]);
});

test('one that is to be replaced serves until another is ready in its place; what serves nobody goes at once', () => {
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 1 }, [fact(1, 'ready', { parting: 'replaced' })]), [{ kind: 'start' }]);
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 1 }, [fact(1, 'ready', { parting: 'replaced' }), fact(2, 'starting')]), []);
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 1 }, [fact(1, 'ready', { parting: 'replaced' }), fact(2, 'ready')]), drains(1));
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 1 }, [fact(1, 'backoff', { parting: 'replaced' })]), [{ kind: 'start' }, ...drains(1)]);
});

test('the one that the operator chose is the first of the surplus ones', () => {
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 2 }, [fact(1, 'ready', { parting: 'first' }), fact(2, 'ready'), fact(3, 'starting')]), drains(1));
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 2 }, [fact(1, 'ready', { parting: 'first' }), fact(2, 'ready')]), []);
});

test('of a version in a crash loop no more replicas are started, until one is ready again', () => {
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 3 }, [fact(1, 'backoff')]), []);
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 3 }, [fact(1, 'backoff'), fact(2, 'trial')]), []);
  assert.deepEqual(reconcileReplicas({ generation: 1, count: 3 }, [fact(1, 'backoff'), fact(2, 'ready')]), [{ kind: 'start' }]);
  // Another wording of the spec may be what ends it.
  assert.deepEqual(reconcileReplicas({ generation: 2, count: 1 }, [fact(1, 'backoff')]), [{ kind: 'start' }, ...drains(1)]);
});
