import assert from 'node:assert/strict';
import { test } from 'node:test';
import { beginVersion, isSupervised, keyOf, lookAtVersion, type VersionFacts, type VersionLife, type VersionState } from '../../../../frontend/control/version-life.ts';
import { makeModel } from '../../../support/specs.ts';

type Kind = VersionState['kind'];
const STATES: readonly VersionState[] = [
  { kind: 'waiting', sinceMicros: 0, why: 'turn' }, { kind: 'loading', sinceMicros: 0 }, { kind: 'failing', sinceMicros: 0, reason: 'x' }, { kind: 'ready', sinceMicros: 0 },
  { kind: 'recovering', sinceMicros: 0 }, { kind: 'idle', sinceMicros: 0 }, { kind: 'leaving', sinceMicros: 0, untilMicros: 100 }, { kind: 'ending', sinceMicros: 0 },
];
/** The moves of the drawing in version-life.ts; loading is entered by `version-loads.ts`. */
const LEGAL: Readonly<Record<Kind, readonly (Kind | 'gone')[]>> = {
  waiting: ['idle', 'ending', 'gone'], loading: ['ready', 'failing', 'idle', 'leaving'], failing: ['ready', 'idle', 'leaving'], ready: ['recovering', 'idle', 'leaving'],
  recovering: ['ready', 'idle', 'leaving'], idle: ['waiting', 'leaving'], leaving: ['ready', 'recovering', 'ending'], ending: ['waiting', 'gone'],
};
const BOOLEANS = [false, true];
const ALL_FACTS: readonly VersionFacts[] = BOOLEANS.flatMap((routed) => BOOLEANS.flatMap((ready) => BOOLEANS.flatMap((present) => BOOLEANS.flatMap((settled) => [undefined, 'died'].map((failed) => ({
  routed, ready, present, settled, ...(failed === undefined ? {} : { failed }),
}))))));

function look(life: VersionLife, facts: VersionFacts, now = 50): VersionLife | undefined {
  return lookAtVersion(life, facts, { now, retireMicros: 100 });
}

test('whatever is the case, a version moves as it is drawn, and a second look at the same changes nothing', () => {
  for (const state of STATES) {
    for (const replicas of [0, 1]) {
      for (const facts of ALL_FACTS) {
        const life = { spec: makeModel({ replicas }), state };
        const next = look(life, facts);
        const to = next?.state.kind ?? 'gone';
        const what = `${state.kind} → ${to} of ${replicas} on ${JSON.stringify(facts)}`;
        assert.ok(to === state.kind || LEGAL[state.kind].includes(to), what);
        // Between two looks at the same facts it comes to rest within the drawing's longest path.
        let [settled, turns] = [next, 0];
        while (settled !== undefined && turns < 6) {
          const again = look(settled, facts);
          if (again === settled) break;
          settled = again;
          turns++;
        }
        assert.ok(turns < 6, `${what}: does not come to rest`);
      }
    }
  }
});

test('rows are waited for, and no longer than they may take', () => {
  const life: VersionLife = { spec: makeModel(), state: { kind: 'leaving', sinceMicros: 0, untilMicros: 100 } };
  const facts = { routed: false, ready: true, present: true, settled: false };
  assert.equal(look(life, facts, 99), life);
  assert.equal(look(life, facts, 100)?.state.kind, 'ending');
  assert.equal(look(life, { ...facts, settled: true }, 1)?.state.kind, 'ending');
});

test('its replicas run from its load to its end', () => {
  assert.deepEqual(STATES.filter((state) => !isSupervised({ spec: makeModel(), state })).map(({ kind }) => kind), ['waiting', 'ending']);
  const begun = beginVersion(makeModel({ version: 3 }), 7);
  assert.deepEqual([keyOf(begun), begun.state], ['m@3', { kind: 'waiting', sinceMicros: 7, why: 'turn' }]);
});
