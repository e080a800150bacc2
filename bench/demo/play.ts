import { runLoad } from '../load/run-load.ts';
import type { LoadReport, Progress } from '../load/report.ts';
import { batchesOf, meanBatch, type Batches } from './batch-sizes.ts';
import { readHeldout, type Card, type CardModel } from './digits.ts';
import type { DigitsReport } from './digits-source.ts';

const CONNECTIONS = 256;
/** The objective of the demo's apps. */
const SLO_MS = 20;
const UNHURRIED_SLO_MS = 10_000;

export interface PlayOptions {
  readonly url: string;
  readonly seconds: number;
  readonly ratePerSecond: number;
  readonly seed: number;
  readonly onProgress: (progress: Progress, requests: number) => void;
}

/** What one model's traffic came to. */
export interface Played {
  readonly model: string;
  /** Share of the held-out images answered rightly by the model, and what the card says. */
  readonly accuracy: number;
  readonly expectedAccuracy: number;
  readonly meanBatchRows: number;
  /** Images that got the default only, and so were asked again without hurry for the sake of the accuracy. */
  readonly askedAgain: number;
  /** Why this is not what it should be; empty where it is. */
  readonly faults: readonly string[];
  readonly load: LoadReport;
}

/**
 * Plays the held-out images, whole passes of them, as Poisson traffic for the app that is named like the model.
 * Lateness of the generator is reported rather than refused: on a busy machine the accuracies still stand.
 */
export async function play(card: Card, model: CardModel, options: PlayOptions): Promise<Played> {
  const { url, seconds, ratePerSecond, seed, onProgress } = options;
  const requests = Math.max(1, Math.round((seconds * ratePerSecond) / card.heldout)) * card.heldout;
  const before = await batchesAt(url, model.name);
  const load = await runLoad({
    url,
    source: { module: new URL('./digits-source.ts', import.meta.url).href, options: { app: model.name, host: new URL(url).host } },
    connections: CONNECTIONS,
    load: { kind: 'open', arrivals: 'poisson', ratePerSecond },
    requests,
    seed,
    sloMs: SLO_MS,
    maxLatenessMicros: 60_000_000,
  }, (progress) => onProgress(progress, requests));
  const after = await batchesAt(url, model.name);
  const { correct: correctInTime, unseen } = load.source as unknown as DigitsReport;
  const correct = correctInTime + await correctAmong(unseen, url, model.name);
  return {
    model: model.name,
    accuracy: correct / card.heldout,
    expectedAccuracy: model.correct / card.heldout,
    meanBatchRows: meanBatch(before, after),
    askedAgain: unseen.length,
    faults: faultsOf(card, model, correct, load),
    load,
  };
}

async function batchesAt(url: string, model: string): Promise<Batches> {
  const response = await fetch(`${url}/metrics`);
  return batchesOf(await response.text(), model);
}

/** Asks for these images in one request with a long objective: how many are right. Where no model answers, none is. */
async function correctAmong(images: readonly number[], url: string, app: string): Promise<number> {
  if (images.length === 0) return 0;
  const { rows, labels } = readHeldout();
  const response = await fetch(`${url}/v1/apps/${app}/predict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs: images.map((image) => rows[image]), slo_ms: UNHURRIED_SLO_MS }),
  });
  const { outputs = [] } = (await response.json()) as { outputs?: readonly unknown[] };
  return images.filter((image, i) => outputs[i] === labels[image]).length;
}

function faultsOf(card: Card, model: CardModel, correct: number, load: LoadReport): string[] {
  const faults = [...load.faults];
  if (correct !== model.correct) faults.push(`${correct} of ${card.heldout} images right, the model card says ${model.correct}`);
  if (load.unanswered > 0) faults.push(`${load.unanswered} requests were not answered`);
  if (load.unsolicited > 0) faults.push(`${load.unsolicited} answers that nobody had asked for`);
  return faults;
}
