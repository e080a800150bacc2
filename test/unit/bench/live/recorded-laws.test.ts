import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { lawFile, recordedLaws } from '../../../../bench/live/recorded-laws.ts';
import { meanMicros } from '../../../../bench/simulator/law.ts';
import type { RecordedBatch } from '../../../../bench/simulator/recorded-law.ts';

const workload = (name: string, sizes: readonly { rows: number; medianMicros: number; samplesMicros?: readonly number[] }[]) => ({
  name, title: name, sloMs: 10, law: { microsPerBatch: 1, microsPerRow: 1, sizes }, capacityPerSecond: 1, points: [], refused: [],
});

test('a law is recorded as its single times, in whole microseconds, and reads back as a law', () => {
  const laws = recordedLaws([workload('svm', [{ rows: 1, medianMicros: 2100, samplesMicros: [2000.4, 2200] }, { rows: 3, medianMicros: 4100, samplesMicros: [4100.25] }])]);
  const recorded = JSON.parse(lawFile(laws.get('svm') ?? [])) as RecordedBatch[];
  assert.deepEqual(recorded, [{ rows: 1, micros: 2000 }, { rows: 1, micros: 2200 }, { rows: 3, micros: 4100 }]);
  assert.equal(meanMicros({ alphaMs: 0, betaMs: 0, recorded }, 2), 3100);
});

test('the recorded law of the SVM has every size several times, and grows with the rows', () => {
  const recorded = JSON.parse(readFileSync(new URL('../../../../bench/simulator/recorded/svm.json', import.meta.url), 'utf8')) as RecordedBatch[];
  const counts = new Map<number, number>();
  for (const { rows } of recorded) counts.set(rows, (counts.get(rows) ?? 0) + 1);
  assert.ok(counts.size > 5 && [...counts.values()].every((count) => count >= 3), JSON.stringify([...counts]));
  assert.ok(recorded.every(({ micros }) => Number.isInteger(micros) && micros > 0));
  const law = { alphaMs: 0, betaMs: 0, recorded };
  assert.ok(meanMicros(law, 32) > 5 * meanMicros(law, 1));
});

test('of a law without single times there is no file', () => {
  assert.deepEqual([...recordedLaws([workload('old', [{ rows: 1, medianMicros: 2100 }])])], []);
});
