import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DesiredState, ModelKey } from '../../../../frontend/domain/model.ts';
import { CarryOut } from '../../../../frontend/lifecycle/carry-out.ts';
import { desiredOf, makeModel } from '../../../support/specs.ts';
import { VirtualClock } from '../../../support/virtual-clock.ts';

function setUp(): { carryOut: CarryOut; clock: VirtualClock; ready: Set<ModelKey>; rows: { left: number }; said: string[] } {
  const clock = new VirtualClock();
  const ready = new Set<ModelKey>();
  const rows = { left: 0 };
  const said: string[] = [];
  const keys = (state: DesiredState): string => Object.keys(state.models).toSorted().join('+');
  const carryOut = new CarryOut({
    clock, isReady: (key) => ready.has(key), retiringRows: () => rows.left, retireMicros: 1_000_000,
    route: (state) => said.push(`route ${keys(state)}`),
    supervise: (state) => said.push(`supervise ${keys(state)}`),
  });
  return { carryOut, clock, ready, rows, said };
}

test('new first, then the move, then the old one goes when its rows are done', () => {
  const { carryOut, clock, ready, rows, said } = setUp();
  carryOut.apply(desiredOf([makeModel()]));
  ready.add('m@1');
  carryOut.replicasChanged();
  said.length = 0;

  rows.left = 1;
  carryOut.apply(desiredOf([makeModel({ version: 2 })]));
  assert.deepEqual(said, ['route m@1+m@2', 'supervise m@1+m@2']);
  said.length = 0;
  ready.add('m@2');
  carryOut.replicasChanged();
  assert.deepEqual(said, ['route m@2', 'supervise m@1+m@2']);
  clock.advance(20_000);
  assert.equal(said.length, 2);
  rows.left = 0;
  clock.advance(5_000);
  assert.equal(said.at(-1), 'supervise m@2');
  assert.equal(clock.pending, 0);
});

test('rows that never settle do not keep an old version for ever', () => {
  const { carryOut, clock, rows, said } = setUp();
  carryOut.apply(desiredOf([makeModel()]));
  rows.left = 1;
  carryOut.apply(desiredOf([]));
  clock.advance(999_000);
  assert.equal(said.at(-1), 'supervise m@1');
  clock.advance(10_000);
  assert.equal(said.at(-1), 'supervise ');
});

test('a version that is wanted again before it went is simply kept', () => {
  const { carryOut, rows, said } = setUp();
  carryOut.apply(desiredOf([makeModel()]));
  rows.left = 1;
  carryOut.apply(desiredOf([]));
  carryOut.apply(desiredOf([makeModel()]));
  carryOut.stop();
  assert.deepEqual(said.slice(-2), ['route m@1', 'supervise m@1']);
});
