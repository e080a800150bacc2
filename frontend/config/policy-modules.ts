import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { entry, POLICIES, type Entry } from '../../selection-policies/catalog.ts';
import type { PolicyKind } from '../../selection-policies/kind.ts';
import type { Fault } from '../domain/fault.ts';
import { isMap } from './check.ts';

export interface PolicyModule {
  readonly name: string;
  /** A path; relative ones begin at the folder of the file. */
  readonly module: string;
}

const require = createRequire(import.meta.url);

/**
 * The policies that apps may name: those of the catalog, and those of the operator's own modules, each of which exports a
 * `policy` (selection-policies/kind.ts). They run inside the broker: a module is trusted as the file that names it is.
 */
export function loadPolicies(modules: readonly PolicyModule[], folder: string, faults: Fault[]): ReadonlyMap<string, Entry> {
  const policies = new Map(POLICIES);
  modules.forEach(({ name, module }, i) => {
    const at = ['policies', i];
    if (policies.has(name)) {
      faults.push({ path: [...at, 'name'], message: `"${name}" is a policy already`, expected: 'a name of its own' });
      return;
    }
    const file = resolve(folder, module);
    const kind = load(file, [...at, 'module'], faults);
    if (kind !== undefined) policies.set(name, { ...entry({ ...kind, name }), source: `${file} ${digestOf(file)}` });
  });
  return policies;
}

/** A module is read once in the life of a process: by this is known that another one lies there by now. What it imports is not looked at. */
function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('base64url');
}

function load(file: string, at: Fault['path'], faults: Fault[]): PolicyKind | undefined {
  let loaded: unknown;
  try {
    loaded = require(file);
  } catch (thrown) {
    faults.push({ path: at, message: `${file} cannot be loaded: ${thrown instanceof Error ? thrown.message.split('\n')[0] ?? '' : String(thrown)}` });
    return undefined;
  }
  const policy = isMap(loaded) ? loaded['policy'] : undefined;
  if (isMap(policy) && isMap(policy['options']) && typeof policy['summary'] === 'string' && typeof policy['make'] === 'function') return policy as unknown as PolicyKind;
  faults.push({ path: at, message: `${file} exports no policy`, expected: '`export const policy = { summary, options, make }`, as selection-policies/kind.ts has it' });
  return undefined;
}
