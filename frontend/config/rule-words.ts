import { resolve } from 'node:path';
import type { Fault } from '../domain/fault.ts';
import { nameRecord, type ModelRules, type SourceSpec, type WantedState } from '../domain/model.ts';
import type { RawModelRules, RawRules, RawSource } from './options.ts';

/** From the words of the file to the rules of its models; nothing where it has none. Entries come with their places. */
export function readRules(entries: readonly (readonly [number, RawModelRules])[], faults: Fault[]): Pick<WantedState, 'rules'> {
  const rules = new Map<string, ModelRules>();
  for (const [i, raw] of entries) {
    if (rules.has(raw.model)) faults.push({ path: ['rules', i], message: `${raw.model} stands twice`, expected: 'one entry a model' });
    rules.set(raw.model, rulesOf(raw));
  }
  return rules.size === 0 ? {} : { rules: nameRecord(rules) };
}

/** The rules of one model. */
export function rulesOf({ version_policy: versions, transition, split }: RawRules): ModelRules {
  return {
    ...(versions === undefined ? {} : { versions }), ...(transition === 'availability' ? {} : { transition }),
    ...(split === undefined || Object.keys(split).length === 0 ? {} : { split: nameRecord(Object.entries(split)) }),
  };
}

/** The reverse of `rulesOf`. */
export function writeRules({ versions, transition = 'availability', split }: ModelRules): RawRules {
  return { ...(versions === undefined ? {} : { version_policy: asWords(versions) }), transition, ...(split === undefined ? {} : { split: { ...split } }) };
}

function asWords(versions: NonNullable<ModelRules['versions']>): NonNullable<RawRules['version_policy']> {
  if (versions === 'all') return versions;
  return 'latest' in versions ? { latest: versions.latest } : { specific: [...versions.specific] };
}

/** Sources of the file in `folder`; nothing where it has none. A folder that is not there may come. */
export function readSources(entries: readonly (readonly [number, RawSource])[], folder: string, faults: Fault[]): Pick<WantedState, 'sources'> {
  const sources = new Map<string, SourceSpec>();
  for (const [i, raw] of entries) {
    const path = resolve(folder, raw.folder);
    if (sources.has(path)) faults.push({ path: ['sources', i, 'folder'], message: `${path} stands twice`, expected: 'a folder of its own' });
    sources.set(path, { folder: path, pollMs: raw.poll_ms });
  }
  return sources.size === 0 ? {} : { sources: [...sources.values()] };
}
