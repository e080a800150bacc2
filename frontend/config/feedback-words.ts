import type { Fault } from '../domain/fault.ts';
import { DEFAULT_FEEDBACK, DEFAULT_JOURNAL, type FeedbackSpec, type JournalSpec } from '../domain/model.ts';
import type { RawApp } from './options.ts';

const HOUR_MS = 3_600_000;

/** From the words of the file to what an app's feedback means; `raw` has been held against the table of options. */
export function readFeedback(raw: RawApp['feedback'], at: Fault['path'], faults: Fault[]): FeedbackSpec {
  const { value_min: min, value_max: max, direction } = raw;
  if ((min === undefined) !== (max === undefined)) faults.push({ path: [...at, 'feedback'], message: 'has one end of the values', expected: 'value_min and value_max, or neither' });
  else if (min !== undefined && max !== undefined && min >= max) faults.push({ path: [...at, 'feedback', 'value_max'], message: `is ${max}`, expected: `a number above value_min, which is ${min}` });
  return {
    aggregation: raw.aggregation,
    windowMs: Math.round(raw.window_s * 1000),
    ...(min === undefined || max === undefined ? {} : { value: { min, max, direction } }),
    ...(raw.default_reward === undefined ? {} : { defaultReward: raw.default_reward }),
    missReward: raw.miss_reward,
    labelScale: raw.label_scale,
  };
}

export function readJournal(raw: Pick<RawApp, 'arms' | 'feedback' | 'journal'>, at: Fault['path'], faults: Fault[]): JournalSpec {
  const silence = raw.feedback.default_reward !== undefined;
  const required = silence || raw.journal.required;
  const keep = raw.journal.keep ?? (required || raw.arms.length > 1);
  if (required && !keep) {
    const why = silence ? 'a default reward: silence is known by the decisions that nobody spoke of' : 'required';
    faults.push({ path: [...at, 'journal', 'keep'], message: `is false beside ${why}`, expected: 'true' });
  }
  return { keep, required, maxAgeMs: Math.round(raw.journal.max_age_hours * HOUR_MS), maxBytes: raw.journal.max_bytes };
}

/** In the words of the file again. */
export function writeFeedback(spec: FeedbackSpec = DEFAULT_FEEDBACK): RawApp['feedback'] {
  return {
    aggregation: spec.aggregation,
    window_s: spec.windowMs / 1000,
    ...(spec.value === undefined ? {} : { value_min: spec.value.min, value_max: spec.value.max }),
    direction: spec.value?.direction ?? 'higher',
    ...(spec.defaultReward === undefined ? {} : { default_reward: spec.defaultReward }),
    miss_reward: spec.missReward,
    label_scale: spec.labelScale,
  };
}

export function writeJournal(spec: JournalSpec = DEFAULT_JOURNAL): RawApp['journal'] {
  return { keep: spec.keep, required: spec.required, max_age_hours: spec.maxAgeMs / HOUR_MS, max_bytes: spec.maxBytes };
}
