import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputPlan } from '../../../../../frontend/protocols/oip/input-plan.ts';
import { rawColumn } from '../../../../../frontend/protocols/oip/raw-column.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import { OIP_DATATYPE } from '../../../../../protos/oip-datatype.ts';
import type { TensorSpec } from '../../../../../protos/wire.ts';

function read(spec: TensorSpec, shape: readonly number[], bytes: readonly number[]): { of: ReturnType<typeof rawColumn>; used: number } {
  const slabs = new SlabArena({ poison: true });
  const fitted = new InputPlan('m', [spec]).fit({ name: spec.name, datatype: OIP_DATATYPE[spec.dtype], shape });
  assert.ok(!('code' in fitted));
  const of = rawColumn(fitted, Uint8Array.from(bytes), slabs);
  return { of, used: slabs.usedSlabs };
}

test('rows of equal size lie one after another', () => {
  const { of } = read({ name: 'x', dtype: 'int16', shape: [2] }, [2, 2], [1, 0, 2, 0, 3, 0, 4, 0]);
  assert.ok(!('code' in of));
  assert.deepEqual([of.strideBytes, of.rowBytes, of.shape, [...of.slab.bytes.subarray(of.offset, of.offset + 8)]], [4, 4, [2], [1, 0, 2, 0, 3, 0, 4, 0]]);
});

test('rows of texts are found by their lengths; ragged rows say their shapes', () => {
  const { of } = read({ name: 'x', dtype: 'bytes', shape: [2] }, [2, 2], [1, 0, 0, 0, 7, 0, 0, 0, 0, 2, 0, 0, 0, 8, 9, 0, 0, 0, 0]);
  assert.ok(!('code' in of));
  assert.deepEqual(of.spans?.lengths, [9, 10]);
  const ragged = read({ name: 'x', dtype: 'int8', shape: [-1], ragged: true }, [2, 3], [1, 2, 3, 4, 5, 6]).of;
  assert.ok(!('code' in ragged));
  assert.deepEqual([ragged.shape, ragged.spans?.lengths, ragged.spans?.shapes], [[-1], [3, 3], [[3], [3]]]);
});

test('bytes that are not the elements are refused, and leave no memory', () => {
  for (const [spec, shape, bytes] of [
    [{ name: 'x', dtype: 'int16', shape: [2] }, [1, 2], [1, 2, 3]],
    [{ name: 'x', dtype: 'bool', shape: [2] }, [1, 2], [1, 2]],
    [{ name: 'x', dtype: 'bytes', shape: [2] }, [1, 2], [1, 0, 0, 0, 7]],
    [{ name: 'x', dtype: 'bytes', shape: [] }, [1], [255, 255, 255, 255, 7]],
    [{ name: 'x', dtype: 'bytes', shape: [] }, [1], [0, 0, 0, 0, 7]],
  ] satisfies [TensorSpec, number[], number[]][]) {
    const { of, used } = read(spec, shape, bytes);
    assert.ok('code' in of, JSON.stringify(spec));
    assert.equal(used, 0);
  }
});
