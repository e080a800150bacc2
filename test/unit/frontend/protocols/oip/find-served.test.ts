import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findServed } from '../../../../../frontend/protocols/oip/find-served.ts';
import { servedModel, tfsWorld } from '../../../../support/tfs-world.ts';

test('digits are a version, anything else is a label; what there is not is said as Triton says it', () => {
  const { served } = tfsWorld([servedModel('m', [], undefined)]);
  const version = (text: string | undefined): unknown => {
    const found = findServed(served, 'm', text);
    return 'code' in found ? [found.code, found.message] : found.version;
  };
  assert.deepEqual([version(undefined), version(''), version('1'), version('stable')], [2, 2, 1, 1]);
  assert.deepEqual(version('9'), ['unknown_version', "Request for unknown model: 'm' version 9 is not found"]);
  const unknown = findServed(served, 'n', undefined);
  assert.ok('code' in unknown && unknown.code === 'unknown_model' && unknown.message === "Request for unknown model: 'n' is not found");
});
