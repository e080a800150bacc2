import type { AppSpec } from '../domain/model.ts';
import type { RawApp } from './options.ts';

/** Which queries are recorded; nothing where none is. */
export function readRecording(raw: RawApp['recording']): Pick<AppSpec, 'recording'> {
  return raw === undefined ? {} : { recording: { fraction: raw.fraction, maxBytes: raw.max_bytes, redact: raw.redact } };
}

/** The reverse. */
export function writeRecording(spec: AppSpec['recording']): Pick<RawApp, 'recording'> {
  return spec === undefined ? {} : { recording: { fraction: spec.fraction, max_bytes: spec.maxBytes, redact: [...spec.redact] } };
}
