import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPEN_ACCESS } from '../../support/open-access.ts';
import { openLearning, receiptKeys, type Learning } from '../../../frontend/learning.ts';
import { RealClock } from '../../../frontend/runtime/real-clock.ts';
import { appFingerprint, Receipts } from '../../../frontend/serving/decisions/receipt.ts';
import { countingPolicy } from '../../support/counting-policy.ts';
import { folderWith } from '../../support/config-files.ts';
import { KEYS } from '../../support/feedback-stores.ts';
import { RecordingMeter } from '../../support/recording-meter.ts';
import { makeApp } from '../../support/specs.ts';

const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

test('a reward for a recorded decision is durable, and the next start goes on from it', async (t) => {
  const stateDir = folderWith(t);
  const clock = new RealClock();
  t.after(() => clock.close());
  const spec = makeApp({ journal: { keep: true, required: false, maxAgeMs: 1e9, maxBytes: 1e9 } });
  const receipts = new Receipts(KEYS);
  const open = async (): Promise<Learning> => {
    const learning = await openLearning({
      settings: { stateDir, storage: { feedback: 'sqlite', maxClaims: 100, maxCells: 100, maxKeys: 100, heldKeysBytes: 1_000_000, minReplicas: 0, replicaTimeoutMs: 100 }, limits: { openFeedback: 10 } as never },
      apps: { get: (name) => (name === 'a' ? { spec, policy: countingPolicy } : undefined) }, access: OPEN_ACCESS, receipts, keys: KEYS, clock, epochOffsetMicros: Date.now() * 1000 - clock.now(), meter: new RecordingMeter(), log,
    });
    learning.serve([spec]);
    await learning.ready();
    return learning;
  };
  const first = await open();
  const id = new Uint8Array(12).fill(4);
  const atEpochMs = Date.now();
  const verdict = first.journal.record({
    id, app: 'a', revision: new Uint8Array(8), policy: 'counting', viewVersion: 0, arms: ['m'], pmf: [1], action: 0, propensity: 1, mode: 'policy', atEpochMs, sloMs: 1, rows: 1,
    asked: [{ arm: 'm', version: 1, outputs: [4] }],
  });
  assert.equal(verdict, 'kept');
  const decisionId = receipts.sign({ id, app: appFingerprint('a', JSON.stringify(spec)), action: 0, propensity: 1, context: new Uint8Array(8), atEpochMs, journal: verdict, pinned: false, rows: 1 });
  assert.deepEqual(await first.feedback.give([{ decisionId, label: 4 }]), [{ kind: 'accepted' }]);
  assert.equal(first.cells.snapshot('a').cells.get('n/m'), 1n);
  await first.close();
  const second = await open();
  assert.equal(second.cells.snapshot('a').cells.get('r/m'), 2n ** 20n);
  assert.deepEqual(await second.feedback.give([{ decisionId, reward: 1 }]), [{ kind: 'repeated' }]);
  await second.reset('a');
  assert.equal(second.cells.snapshot('a').cells.size, 0);
  assert.deepEqual(await second.feedback.give([{ decisionId, reward: 1 }]), [{ kind: 'repeated' }], 'what was rewarded stays so');
  await second.close();
});

test('the operator\'s keys come before those of the state store', async (t) => {
  const folder = folderWith(t, { keys: `5 ${'ab'.repeat(32)}\n` });
  const store = { receiptKeys: async () => KEYS };
  const storage = { feedback: 'sqlite', maxClaims: 1, maxCells: 1, maxKeys: 1, heldKeysBytes: 1, minReplicas: 0, replicaTimeoutMs: 1 };
  assert.deepEqual(await receiptKeys({ storage }, store), KEYS);
  assert.deepEqual((await receiptKeys({ storage: { ...storage, receiptKeyFile: `${folder}/keys` } }, store)).map(({ number }) => number), [5]);
});
