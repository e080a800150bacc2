import type { Failure } from '../../domain/answer.ts';
import { NAME_REGEXP } from '../../domain/model.ts';
import type { Pin } from '../../domain/query.ts';
import type { ParseTarget } from './parse-target.ts';

/** The fields of a request beside its tensors. */
export const FIELDS = Object.freeze(['slo_ms', 'context', 'version', 'model', 'explain'] as const);
export type Field = (typeof FIELDS)[number];

/** What the fields said so far. */
export interface FieldValues {
  sloMs: number | undefined;
  context: Readonly<Record<string, unknown>> | undefined;
  version: number | string | undefined;
  model: string | undefined;
  explain: boolean;
}

export function noFields(): FieldValues {
  return { sloMs: undefined, context: undefined, version: undefined, model: undefined, explain: false };
}

/** Checks the value of a field (any JSON value) and puts it into `values`; says what is wrong with it otherwise. */
export function takeField(target: ParseTarget, field: Field, value: unknown, values: FieldValues): Failure | undefined {
  switch (field) {
    case 'slo_ms':
      if (typeof value !== 'number' || !(value > 0 && value >= target.sloMinMs && value <= target.sloMaxMs)) {
        return { code: 'invalid_slo', message: `Expected a number from ${target.sloMinMs} to ${target.sloMaxMs}, got ${shown(value)}.`, path: field };
      }
      values.sloMs = value;
      return undefined;
    case 'context':
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return invalid(field, 'an object', value);
      values.context = value as Readonly<Record<string, unknown>>;
      return undefined;
    case 'version':
      if (!isVersion(value)) return invalid(field, 'a positive integer or a label', value);
      values.version = value;
      return undefined;
    case 'model':
      if (typeof value !== 'string' || !NAME_REGEXP.test(value)) return invalid(field, 'the name of a model', value);
      values.model = value;
      return undefined;
    case 'explain':
      if (typeof value !== 'boolean') return invalid(field, '`true` or `false`', value);
      values.explain = value;
      return undefined;
  }
}

/** The fields as a `PredictBody` has them: absent where they were not given. */
export function fieldsOfBody(values: FieldValues): { sloMs?: number; context?: Readonly<Record<string, unknown>>; pin?: Pin; explain: boolean } {
  const { sloMs, context, version, model, explain } = values;
  const body: { sloMs?: number; context?: Readonly<Record<string, unknown>>; pin?: Pin; explain: boolean } = { explain };
  if (sloMs !== undefined) body.sloMs = sloMs;
  if (context !== undefined) body.context = context;
  if (version !== undefined || model !== undefined) {
    body.pin = { ...(model === undefined ? {} : { model }), ...(version === undefined ? {} : { version }) };
  }
  return body;
}

function isVersion(value: unknown): value is number | string {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value > 0;
  return typeof value === 'string' && NAME_REGEXP.test(value) && !/^\d+$/.test(value);
}

function invalid(field: Field, wanted: string, value: unknown): Failure {
  return { code: 'invalid_field', message: `Expected ${wanted}, got ${shown(value)}.`, path: field };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
