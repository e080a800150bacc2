import { readHeldout } from '../demo/digits.ts';
import { random } from '../load/random.ts';

/** One query whose label came back at once. */
export interface Taught {
  readonly app: string;
  /** Who answered; `ensemble` or `default` where it was no one model. */
  readonly by: string;
  readonly right: boolean;
  readonly confidence: number | undefined;
  readonly latencyMs: number;
  /** Arms of an ensemble that did not come in time. */
  readonly missing: readonly string[];
}

interface Answered {
  readonly decision_id: string;
  readonly output: unknown;
  readonly model?: string;
  readonly source: string;
  readonly confidence?: number;
  readonly latency_ms: number;
  readonly missing?: readonly string[];
}

export interface Lessons {
  readonly url: string;
  /** Each image is asked of all of them, one after the other. */
  readonly apps: readonly string[];
  readonly queries: number;
  /** Queries that are under way together. */
  readonly together: number;
  /** Of the images. */
  readonly seed: number;
  /** Whether the label is told; true unless said. */
  readonly tell?: boolean;
  readonly onTaught?: (taught: Taught, number: number) => void;
}

const JSON_BODY = { 'content-type': 'application/json' };

/** Asks the apps for held-out digits and tells them each label; the next query of a lane goes when the label is durable. */
export async function teach({ url, apps, queries, together, seed, tell = true, onTaught }: Lessons): Promise<readonly Taught[]> {
  const { rows, labels } = readHeldout();
  const draw = random(seed);
  const taught: Taught[] = [];
  const askAndTell = async (app: string, image: number): Promise<void> => {
    const answer = (await post(`${url}/v1/apps/${app}/predict`, { input: rows[image] })) as Answered;
    const label = labels[image];
    if (tell) await post(`${url}/v1/feedback`, { decision_id: answer.decision_id, label });
    const one: Taught = {
      app, by: answer.model ?? answer.source, right: answer.output === label, confidence: answer.confidence, latencyMs: answer.latency_ms, missing: answer.missing ?? [],
    };
    taught.push(one);
    onTaught?.(one, taught.length);
  };
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < queries) {
      begun++;
      const image = Math.floor(draw() * rows.length);
      for (const app of apps) await askAndTell(app, image);
    }
  };
  await Promise.all(Array.from({ length: together }, lane));
  return taught;
}

async function post(url: string, body: object): Promise<unknown> {
  const reply = await fetch(url, { method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${text}`);
  return JSON.parse(text);
}

/** The probabilities of the app's arms for its next query. */
export async function shares(url: string, app: string): Promise<ReadonlyMap<string, number>> {
  const reply = await fetch(`${url}/admin/apps/${app}/selection`);
  const { arms } = (await reply.json()) as { arms: readonly { arm: string; share: number }[] };
  return new Map(arms.map(({ arm, share }) => [arm, share]));
}

/** Makes the app forget what it has learned. */
export async function forget(url: string, app: string): Promise<void> {
  const reply = await fetch(`${url}/admin/apps/${app}/selection/cells`, { method: 'DELETE' });
  if (!reply.ok) throw new Error(`${app} does not forget: ${await reply.text()}`);
}
