import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becomePython } from '../../../../model-containers/tensorflow/become-python.ts';

test('an interpreter that cannot be run is said while somebody can still say it', (t) => {
  const before = process.env['TRADEWIND_PYTHON'];
  t.after(() => {
    if (before === undefined) delete process.env['TRADEWIND_PYTHON'];
    else process.env['TRADEWIND_PYTHON'] = before;
  });
  process.env['TRADEWIND_PYTHON'] = '/nonexistent/python';
  assert.throws(() => becomePython({ token: undefined, options: {} }), /\/nonexistent\/python, which shall serve it instead, is no program/);
});
