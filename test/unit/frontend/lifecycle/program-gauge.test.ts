import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgramGauge } from '../../../../frontend/lifecycle/program-gauge.ts';

function gauge() {
  const names: string[] = [];
  const values = new Map<string, number>();
  const meter = {
    cell: (_: string, labels: Readonly<Record<string, string>> = {}) => names.push(`${labels['framework']}/${labels['runtime']}`) - 1,
    set: (cell: number, value: number) => void values.set(names[cell] ?? '', value), add: () => {}, observe: () => {}, forget: () => {},
  };
  return { programs: new ProgramGauge(meter, { model: 'm', version: '1' }), values };
}

test('ready replicas are counted by what serves them; a program that is no longer there counts nought', () => {
  const { programs, values } = gauge();
  programs.count([{ framework: 'tensorflow 2.21.0', runtime: 'tfjs-node' }, { framework: 'tensorflow 2.21.0', runtime: 'python' }, { framework: 'tensorflow 2.21.0', runtime: 'python' }]);
  assert.deepEqual([...values], [['tensorflow 2.21.0/tfjs-node', 1], ['tensorflow 2.21.0/python', 2]]);
  programs.count([{}]);
  assert.deepEqual([...values], [['tensorflow 2.21.0/tfjs-node', 0], ['tensorflow 2.21.0/python', 0], ['/', 1]]);
});

test('what containers say is bounded, in number and in length', () => {
  const { programs, values } = gauge();
  programs.count(Array.from({ length: 100 }, (_, i) => ({ framework: `${i}${'x'.repeat(200)}` })));
  assert.equal(values.size, 17);
  assert.equal(values.get('other/'), 84);
  assert.ok([...values.keys()].every((name) => name.length <= 65));
});
