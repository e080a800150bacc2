import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RawRules } from '../../../../frontend/config/options.ts';
import { readRules, readSources, rulesOf, writeRules } from '../../../../frontend/config/rule-words.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';

test('rules in the words of the file and back', () => {
  const all: RawRules[] = [{ transition: 'availability' }, { version_policy: 'all', transition: 'resource', split: { stable: 9, canary: 1 } }, { version_policy: { latest: 2 }, transition: 'availability' }, { version_policy: { specific: [1, 4] }, transition: 'availability' }];
  for (const raw of all) assert.deepEqual(JSON.parse(JSON.stringify(writeRules(rulesOf(raw)))), raw);
  assert.deepEqual(rulesOf({ transition: 'availability', split: {} }), {});
});

test('one entry a model, one a folder; no entries, no word of them', () => {
  const faults: Fault[] = [];
  const { rules } = readRules([[0, { model: 'm', transition: 'resource' }], [1, { model: 'm', transition: 'availability' }]], faults);
  assert.deepEqual(Object.keys(rules ?? {}), ['m']);
  const { sources } = readSources([[0, { folder: './x', poll_ms: 5 }], [2, { folder: '/etc/x', poll_ms: 9 }]], '/etc', faults);
  assert.deepEqual(sources, [{ folder: '/etc/x', pollMs: 9 }]);
  assert.deepEqual(faults.map(({ path, message }) => `${path.join('.')} ${message}`), ['rules.1 m stands twice', 'sources.2.folder /etc/x stands twice']);
  assert.deepEqual([readRules([], []), readSources([], '/', [])], [{}, {}]);
});
