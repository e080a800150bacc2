import { loadConfig, parseConfig } from '../config/load.ts';
import type { ConfigResult, LoadedConfig } from '../config/load.ts';
import type { Environment } from '../config/environment.ts';
import { desiredFaults } from '../control/desired-faults.ts';
import type { Deed } from '../domain/audit.ts';
import type { Changed, DesiredStateOwner } from './desired-state-owner.ts';

/** Where the process stands: what relative paths and options in the environment come from. */
export interface Surroundings {
  readonly environment: Environment;
  readonly workingFolder: string;
}

/** Reads the configuration file at `path` and checks it as a whole. A file must stand by itself: its apps name models of the file. */
export function readConfigFile(path: string, surroundings: Surroundings): ConfigResult {
  return loadConfig({ path, ...surroundings, wholeFaults: desiredFaults });
}

/** The same for a text that stands in the file `path`, or will. */
export function readConfigText(text: string, path: string, surroundings: Surroundings): ConfigResult {
  return parseConfig(text, { path, ...surroundings, wholeFaults: desiredFaults });
}

export type FileResult =
  /** `atNextStart` names the options that differ from those that the process runs with: they wait for its next start. */
  | { readonly ok: true; readonly changed: Changed; readonly atNextStart: readonly string[] }
  /** Nothing was changed. Whole lines for the operator. */
  | { readonly ok: false; readonly faults: readonly string[] };

export interface FileToApply {
  readonly owner: DesiredStateOwner;
  /** What the process has run with since its start. */
  readonly running: Pick<LoadedConfig, 'settings' | 'policies'>;
  readonly read: ConfigResult;
  readonly dryRun?: boolean;
  /** Who had it read. */
  readonly by?: Deed;
}

/** The configuration file speaks to a broker that runs (SIGHUP, `tradewind apply`). */
export async function applyConfig({ owner, running, read, dryRun = false, by }: FileToApply): Promise<FileResult> {
  if (!read.ok) return { ok: false, faults: read.faults };
  const { path, wanted, settings, policies } = read.config;
  const waiting = [...new Set([...differing(running.settings, settings).map(optionName), ...otherPolicies(running.policies, policies)])];
  const result = await owner.applyFile(wanted, { dryRun, ...(by === undefined ? {} : { by }) });
  if (result.ok) return { ok: true, changed: result.changed, atNextStart: waiting };
  // A policy that the file has since gained may be all that is wrong with it.
  const later = waiting.filter((name) => name.startsWith(POLICY)).map((name) => `${path}: ${name} differs from what the broker runs with: it counts from the next start.`);
  return { ok: false, faults: [...mergeFaults(path, result.error), ...later] };
}

/** A refusal of the merged whole, as lines: the file by itself was right, so what was added through admin plays a part. */
export function mergeFaults(path: string, error: { readonly message: string; readonly details: readonly unknown[] | undefined }): readonly string[] {
  if (error.details === undefined) return [`${path}: ${error.message}`];
  return (error.details as readonly { path: string; message: string; expected?: string }[]).map((fault) => {
    const expected = fault.expected === undefined ? '' : ` (expected ${fault.expected})`;
    return `${path}: together with what was added through admin: ${fault.path}: ${fault.message}${expected}`;
  });
}

const POLICY = 'policies.';

/** Policies of somebody's own whose module is another one now, or was when the process started: it reads each of them once. */
function otherPolicies(running: LoadedConfig['policies'], read: LoadedConfig['policies']): readonly string[] {
  const names = [...new Set([...running.keys(), ...read.keys()])];
  return names.filter((name) => running.get(name)?.source !== read.get(name)?.source).map((name) => `${POLICY}${name}`);
}

/** As the file has it: an address is one option. */
function optionName(path: string): string {
  return path.replace(/^(listen\.(?:http|grpc))\..*$/u, '$1').replaceAll(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);
}

function differing(a: unknown, b: unknown, at = ''): string[] {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a)) {
    return JSON.stringify(a) === JSON.stringify(b) ? [] : [at];
  }
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) => differing((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], at === '' ? key : `${at}.${key}`));
}
