import { encodeRequest } from '../load/http-request.ts';
import type { RequestSource } from '../load/request-source.ts';
import { readHeldout } from './digits.ts';

export interface DigitsOptions {
  readonly app: string;
  /** Value of the Host header. */
  readonly host: string;
}

/** What the answers of an app's models came to, each held-out image counted once. */
export interface DigitsReport {
  readonly correct: number;
  /** Images that no model answered in time. */
  readonly unseen: readonly number[];
}

const UNSEEN = -1;

/** The held-out images one after another, round and round, as predict requests to one app. */
export function createSource(options: unknown): RequestSource {
  const { app, host } = options as DigitsOptions;
  const { rows, labels } = readHeldout();
  const path = `/v1/apps/${app}/predict`;
  const requests = rows.map((input) => encodeRequest({ path, host, body: JSON.stringify({ input }) }).bytes);
  const answers = new Int32Array(rows.length).fill(UNSEEN);
  return {
    next: (sequence) => requests[sequence % requests.length] as Buffer,
    check(sequence, status, bytes) {
      const body = bytes.toString();
      if (status !== 200) return `status ${status}: ${body.slice(0, 200)}`;
      return note(answers, sequence % requests.length, body);
    },
    report: () => ({
      correct: labels.filter((label, image) => answers[image] === label).length,
      unseen: [...answers.keys()].filter((image) => answers[image] === UNSEEN),
    } satisfies DigitsReport),
  };
}

/** Keeps a model's answer for an image; a fault is an answer that is no digit, or not the one given before. */
function note(answers: Int32Array, image: number, body: string): string | undefined {
  const { output, source } = JSON.parse(body) as { output?: unknown; source?: unknown };
  if (source === 'default') return undefined;
  if (typeof output !== 'number' || !Number.isInteger(output) || output < 0 || output > 9) return `not a digit: ${body.slice(0, 200)}`;
  const before = answers[image];
  answers[image] = output;
  return before === UNSEEN || before === output ? undefined : `image ${image} was ${String(before)} before and is ${output} now`;
}
