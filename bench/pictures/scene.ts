import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBroker, type BrokerProcess } from '../demo/broker-process.ts';
import { readHeldout } from '../demo/digits.ts';

const PIXELS = 64;
/** Requests are sent in handfuls, so often a second. */
const BEATS = 20;
const SYNTHETIC = { container: 'synthetic', input: { dtype: 'float32', shape: [PIXELS] }, output: { kind: 'label' } };

/** A night with something wrong: one app that learns, one that is well, a model that is too slow for its objective, and one that does not start. */
const SCENE = {
  models: [
    ...[['digits-mlp', 2], ['digits-cnn', 1], ['digits-logistic', 1]].map(([name, replicas]) => ({
      name, version: 1, container: 'onnx', path: fileURLToPath(new URL(`../../deploy/demo/models/${name}/1/model.onnx`, import.meta.url)), replicas, output: { name: 'probabilities', kind: 'probabilities' }, labels: ['stable'],
    })),
    { ...SYNTHETIC, name: 'ranker', version: 7, options: { per_batch_ms: 2, per_row_ms: 0.15 }, labels: ['stable'], slo_ms: 100 },
    { ...SYNTHETIC, name: 'letters-svm', version: 3, options: { per_batch_ms: 46, noise: 0.1 } },
    { ...SYNTHETIC, name: 'fraud', version: 4, container: { command: ['node', '-e', 'console.error("model.bin: No such file"); process.exit(3)'] } },
  ],
  apps: [
    { name: 'digits', arms: ['digits-mlp', 'digits-cnn', 'digits-logistic'], output: 'label', slo_ms: 100, default: -1, journal: { keep: true } },
    { name: 'ranking', arms: ['ranker'], policy: 'static', slo_ms: 100, default: -1 },
    { name: 'letters', arms: ['letters-svm'], policy: 'static', slo_ms: 20, default: -1 },
    { name: 'payments', arms: ['fraud'], policy: 'static', slo_ms: 30, default: -1 },
  ],
};

/** Requests a second of each app; those of `digits` are answered with their labels. */
const RATES: Readonly<Record<string, number>> = { digits: 40, ranking: 90, letters: 8, payments: 3 };

export interface Scene {
  readonly broker: BrokerProcess;
  /** The id of the last decision for `digits`. */
  decisionId(): string;
  /** Ends the traffic, then the broker. */
  close(): Promise<void>;
}

/** A broker with traffic. */
export async function openScene(): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'tradewind-scene-'));
  const file = join(folder, 'tradewind.json');
  writeFileSync(file, JSON.stringify(SCENE));
  const broker = await startBroker(file);
  rmSync(folder, { recursive: true });
  const heldout = readHeldout();
  let decisionId = '';
  let sent = 0;
  let open = 0;
  const ask = async (app: string): Promise<void> => {
    const image = sent++ % heldout.rows.length;
    const answer = await post(`${broker.url}/v1/apps/${app}/predict`, { input: heldout.rows[image] }) as { decision_id: string };
    if (app !== 'digits') return;
    decisionId = answer.decision_id;
    await post(`${broker.url}/v1/feedback`, { decision_id: answer.decision_id, label: heldout.labels[image] });
  };
  const debts = new Map<string, number>();
  const beat = setInterval(() => {
    // A slow wave, so that the lines are those of a day.
    const wave = 1 + 0.3 * Math.sin(Date.now() / 9_000);
    for (const [app, rate] of Object.entries(RATES)) {
      let debt = (debts.get(app) ?? 0) + (rate * wave) / BEATS;
      for (; debt >= 1; debt--) {
        open++;
        void ask(app).catch(() => undefined).finally(() => { open--; });
      }
      debts.set(app, debt);
    }
  }, 1_000 / BEATS);
  return {
    broker, decisionId: () => decisionId,
    close: async () => {
      clearInterval(beat);
      while (open > 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await broker.stop();
    },
  };
}

async function post(url: string, body: object): Promise<unknown> {
  const reply = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return reply.json();
}
