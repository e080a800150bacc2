import { BrokerError } from '../domain/errors.ts';
import type { FeedbackItem } from '../domain/feedback.ts';
import { MOST_ID_CHARACTERS } from './feedback-schema.ts';

const KNOWN: readonly string[] = ['decision_id', 'reward', 'label', 'value', 'id'];
const SAID = ['reward', 'label', 'value'] as const;

export interface FeedbackBody {
  readonly items: readonly FeedbackItem[];
  /** An array came, and so an array is answered. */
  readonly many: boolean;
}

/** Reads the form of a body; what the rewards in it are is for the app to judge. Throws `BrokerError` with the path of the fault. */
export function readFeedbackBody(body: unknown, maxItems: number): FeedbackBody {
  if (!Array.isArray(body)) return { items: [readItem(body, '')], many: false };
  if (body.length === 0 || body.length > maxItems) throw new BrokerError('invalid_field', `Expected 1 to ${maxItems} items; there are ${body.length}.`);
  return { items: body.map((item: unknown, i) => readItem(item, `[${i}]`)), many: true };
}

function readItem(item: unknown, at: string): FeedbackItem {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) throw wrong(at, '', 'Expected an object with decision_id and one of reward, label and value.');
  const given = item as Readonly<Record<string, unknown>>;
  for (const key in given) if (!KNOWN.includes(key)) throw new BrokerError('unknown_field', `Expected ${KNOWN.join(', ')}.`, { path: pathOf(at, key) });
  const decisionId = given['decision_id'];
  const id = given['id'];
  if (typeof decisionId !== 'string' || decisionId.length > 160) throw wrong(at, 'decision_id', 'Expected the decision_id of an answer.');
  if (id !== undefined && (typeof id !== 'string' || id.length === 0 || id.length > MOST_ID_CHARACTERS)) throw wrong(at, 'id', `Expected text of 1 to ${MOST_ID_CHARACTERS} characters.`);
  const [said, ...more] = SAID.filter((key) => given[key] !== undefined);
  if (said === undefined || more.length > 0) throw wrong(at, said ?? 'reward', 'Expected exactly one of reward, label and value.');
  return id === undefined ? { decisionId, [said]: given[said] } : { decisionId, [said]: given[said], id };
}

function wrong(at: string, key: string, message: string): BrokerError {
  const path = pathOf(at, key);
  return new BrokerError('invalid_field', message, path === '' ? {} : { path });
}

function pathOf(at: string, key: string): string {
  return at === '' || key === '' ? `${at}${key}` : `${at}.${key}`;
}
