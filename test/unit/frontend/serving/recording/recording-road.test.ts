import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PredictPort } from '../../../../../frontend/domain/ports.ts';
import { readRecording } from '../../../../../frontend/domain/recording.ts';
import { tensorJson } from '../../../../../frontend/http/tensor-json.ts';
import { SlabArena } from '../../../../../frontend/runtime/slab-arena.ts';
import { RecordingRoad } from '../../../../../frontend/serving/recording/recording-road.ts';
import { makeQuery } from '../../../../support/queries.ts';
import { RecordingMeter } from '../../../../support/recording-meter.ts';
import { makeApp } from '../../../../support/specs.ts';

function setUp({ hasRoom = true, luck = 0 } = {}) {
  const slabs = new SlabArena({ poison: true });
  const went: string[] = [];
  const lines: string[] = [];
  const road: PredictPort = {
    submit: ({ slot }) => void went.push(`submit ${slot}`), submitUnparsed: ({ slot }) => void went.push(`unparsed ${slot}`), cancel: (slot) => void went.push(`cancel ${slot}`),
  };
  const recording = new RecordingRoad({
    road, meter: new RecordingMeter(), random: () => luck, epochOffsetMicros: 5_000_000, tensorText: (tensor) => tensorJson({ ...tensor, name: '' }),
    store: { append: (_, line) => hasRoom && lines.push(line) > 0 },
  });
  const apply = (fraction: number): void => recording.apply({ a: makeApp({ recording: { fraction, maxBytes: 1000, redact: [] } }), b: makeApp({ name: 'b' }) });
  return { slabs, went, lines, recording, apply };
}

test('everything goes on as it came, and what is picked is written down', () => {
  const { slabs, went, lines, recording, apply } = setUp({ luck: 0.4 });
  recording.submit(makeQuery(slabs));
  apply(0.5);
  recording.submit(makeQuery(slabs, { slot: 1, arrivedAtMicros: 2_000_000 }));
  recording.submit(makeQuery(slabs, { slot: 2, app: 'b' }));
  recording.submit(makeQuery(slabs, { slot: 3, pin: { version: 1 } }));
  apply(0.3);
  recording.submit(makeQuery(slabs, { slot: 4 }));
  recording.submitUnparsed({ slot: 5, app: 'a', arrivedAtMicros: 0, rows: 1, reason: 'no_replica' });
  recording.cancel(4);
  assert.deepEqual(went, ['submit 0', 'submit 1', 'submit 2', 'submit 3', 'submit 4', 'unparsed 5', 'cancel 4']);
  assert.deepEqual(readRecording(lines.join('\n')), { faults: [], requests: [{ app: 'a', atEpochMs: 7000, body: '{"input":{"x":[1,0]},"slo_ms":100}' }] });
});

test('a query that is not written down goes on all the same', () => {
  const { slabs, went, recording, apply } = setUp({ hasRoom: false });
  apply(1);
  recording.submit(makeQuery(slabs));
  recording.submit(makeQuery(slabs, { values: [Number.NaN], slot: 1 }));
  assert.deepEqual(went, ['submit 0', 'submit 1']);
});
