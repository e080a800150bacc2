import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FewById } from '../../../../frontend/domain/few-by-id.ts';
import { SEED, seeded } from '../../../support/random.ts';

test(seeded('does what a Map does, in its order'), () => {
  const step = fc.record({ kind: fc.constantFrom('set', 'delete', 'clear', 'set'), id: fc.nat(6), value: fc.option(fc.nat(), { nil: undefined }) });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const few = new FewById<number | undefined>();
    const map = new Map<number, number | undefined>();
    for (const { kind, id, value } of steps) {
      if (kind === 'set') {
        few.set(id, value);
        map.set(id, value);
      } else if (kind === 'delete') assert.equal(few.delete(id), map.delete(id));
      else if (id === 0) {
        few.clear();
        map.clear();
      }
      assert.deepEqual([few.size, few.has(id), few.get(id), [...few], few.all()], [map.size, map.has(id), map.get(id), [...map.values()], [...map.values()]]);
    }
  }), { seed: SEED });
});

test('all are those of the moment', () => {
  const few = new FewById<string>();
  few.set(1, 'a');
  const { length } = few.all();
  const before = few.all();
  few.set(2, 'b');
  assert.deepEqual([length, before, few.all()], [1, ['a'], ['a', 'b']]);
});
