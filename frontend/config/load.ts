import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Entry } from '../../selection-policies/catalog.ts';
import { faultText } from '../domain/fault.ts';
import type { Fault } from '../domain/fault.ts';
import { modelKey, nameRecord } from '../domain/model.ts';
import type { AppSpec, ModelKey, ModelSpec, WantedState } from '../domain/model.ts';
import { innerFirst, readApp } from './app-words.ts';
import { check, isMap } from './check.ts';
import { optionsOf, readEnvironment } from './environment.ts';
import type { Environment } from './environment.ts';
import { freeze } from './freeze.ts';
import { absoluteSocket } from './listen-words.ts';
import { readModel } from './model-words.ts';
import { filesOfConfig } from './named-files.ts';
import { FILE, SETTINGS } from './options.ts';
import type { RawApp, RawModel, RawModelRules, RawSettings, RawSource } from './options.ts';
import { loadPolicies, type PolicyModule } from './policy-modules.ts';
import { readRules, readSources } from './rule-words.ts';
import { plain } from './schema.ts';
import { LISTEN_OPTIONS, PATH_OPTIONS, readSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { parseYaml } from './yaml-source.ts';
import type { YamlSource } from './yaml-source.ts';

/** A configuration file, understood: complete with defaults, paths absolute, frozen to the depth. */
export interface LoadedConfig {
  /** Absolute path of the file. */
  readonly path: string;
  readonly settings: Settings;
  /** What the file wants; not yet merged with what is durable. */
  readonly wanted: WantedState;
  /** The policies that its apps may name. */
  readonly policies: ReadonlyMap<string, Entry>;
}

/** Faults are whole lines: `file:line:column path: message (expected …)`. */
export type ConfigResult = { readonly ok: true; readonly config: LoadedConfig } | { readonly ok: false; readonly faults: readonly string[] };

export interface ConfigOrigin {
  readonly path: string;
  readonly environment: Environment;
  /** Where relative paths in the environment begin. */
  readonly workingFolder: string;
  /** What the whole must satisfy beside its parts: `desiredFaults` of control. */
  readonly wholeFaults: (wanted: WantedState, policies: ReadonlyMap<string, Entry>) => readonly Fault[];
}

const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** Reads the file and everything in it; a file that cannot be read is a fault like others. */
export function loadConfig(origin: ConfigOrigin): ConfigResult {
  let text: string;
  try {
    text = readFileSync(origin.path, 'utf8');
  } catch (thrown) {
    return { ok: false, faults: [`${origin.path}: ${unreadable(thrown)}`] };
  }
  return parseConfig(text, origin);
}

/** The same for a text that has been read; relative paths in it begin at the folder of `origin.path`. */
export function parseConfig(text: string, origin: ConfigOrigin): ConfigResult {
  if (Buffer.byteLength(text) > MAX_FILE_BYTES) return { ok: false, faults: [`${origin.path}: is larger than ${MAX_FILE_BYTES} bytes`] };
  const source = parseYaml(text);
  if (source.faults.length > 0) return { ok: false, faults: source.faults.map((fault) => `${origin.path}:${fault.line}:${fault.column} ${fault.message}`) };
  // A disk that was full, or an editor that was killed, leaves such a file; taken at its word it would end everything.
  if (source.value === null || source.value === undefined) return { ok: false, faults: [`${origin.path}: is empty (expected a configuration; {} is one that says nothing)`] };
  const locate = (path: Fault['path']): string => located(origin.path, source, path);
  const read = readWhole(source.value, origin);
  if (read.faults.length > 0 || read.environmentFaults.length > 0) {
    const lines = inOrder(read.faults, source).map((fault) => `${locate(fault.path)} ${faultText(fault)}`);
    return { ok: false, faults: [...lines, ...read.environmentFaults.map((fault) => `environment: ${faultText(fault)}`)] };
  }
  return { ok: true, config: Object.freeze({ path: resolve(origin.path), settings: freeze(read.settings), wanted: freeze(read.wanted), policies: read.policies }) };
}

/** Parts of the file that are no settings: a fault in one leaves those to be read. */
const OF_THE_WHOLE: ReadonlySet<string | number | undefined> = new Set(['models', 'apps', 'policies', 'rules', 'sources']);

type RawWanted = { readonly [K in 'models' | 'apps' | 'rules' | 'sources']?: unknown };

interface Whole {
  readonly settings: Settings;
  readonly wanted: WantedState;
  readonly policies: ReadonlyMap<string, Entry>;
  readonly faults: readonly Fault[];
  readonly environmentFaults: readonly Fault[];
}

/** Every part is read even where another has faults: the parts that cannot be trusted are left out of later checks. */
function readWhole(value: unknown, origin: ConfigOrigin): Whole {
  const faults: Fault[] = [];
  const environmentFaults: Fault[] = [];
  const folder = dirname(resolve(origin.path));
  const completed = check(plain(FILE), value, [], faults);
  const raw = (isMap(completed) ? completed : {}) as Partial<RawSettings> & RawWanted & { policies?: unknown };
  const said = readEnvironment(optionsOf(plain(SETTINGS)), origin.environment, environmentFaults);
  const overridden = override(raw, { said, folder, workingFolder: origin.workingFolder });
  const settingsFit = check(plain(SETTINGS), overridden, [], []) as RawSettings;
  const policies = loadPolicies(soundEntries<PolicyModule>(raw.policies, 'policies', faults).map(([, module]) => module), folder, faults);
  const sound = faults.every(({ path }) => OF_THE_WHOLE.has(path[0])) && environmentFaults.length === 0;
  const allModels = sound && faults.every(({ path }) => path[0] !== 'models');
  const settings = sound ? readSettings(settingsFit, faults) : undefined;
  const wanted = readWanted(raw, { folder, environment: origin.environment, dialAllow: settings?.dial.allow ?? [], faults, settingsSound: sound });
  // Where a model could not be read, nobody can say whether an arm is missing.
  faults.push(...origin.wholeFaults(wanted, policies).filter(({ path }) => allModels || !path.includes('arms')));
  return { settings: settings as Settings, wanted, policies, faults, environmentFaults };
}

/** The file's settings with the environment's in their place, every path made absolute. Only the settings are in the copy. */
function override(raw: Readonly<Record<string, unknown>>, more: { said: ReadonlyMap<string, unknown>; folder: string; workingFolder: string }): unknown {
  const settings: Record<string, unknown> = {};
  for (const { path } of optionsOf(plain(SETTINGS))) {
    const name = path.join('.');
    const inFile = path.reduce<unknown>((value, key) => (isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined), raw);
    let value = more.said.get(name) ?? inFile;
    if (value === undefined) continue;
    const absolute = (path: string): string => resolve(more.said.has(name) ? more.workingFolder : more.folder, path);
    if (PATH_OPTIONS.includes(name) && typeof value === 'string') value = absolute(value);
    if (LISTEN_OPTIONS.includes(name) && typeof value === 'string') value = absoluteSocket(value, absolute);
    put(settings, path, value);
  }
  return settings;
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) target[key] = value;
  else put((target[key] ??= {}) as Record<string, unknown>, rest, value);
}

interface Reading {
  readonly folder: string;
  readonly environment: Environment;
  readonly dialAllow: readonly string[];
  readonly faults: Fault[];
  readonly settingsSound: boolean;
}

function readWanted(raw: RawWanted, reading: Reading): WantedState {
  const { faults } = reading;
  const models = new Map<ModelKey, ModelSpec>();
  const labels = new Map<string, Map<string, number>>();
  const apps = new Map<string, AppSpec>();
  const files = filesOfConfig(reading.folder);
  for (const [i, model] of soundEntries<RawModel>(raw.models, 'models', faults)) {
    const at = ['models', i];
    const dialled = typeof model.container === 'object' && ('dial' in model.container || 'oip' in model.container);
    if (dialled && !reading.settingsSound) continue;
    const spec = readModel(model, { at, files, dialAllow: reading.dialAllow, faults });
    const key = modelKey(spec.name, spec.version);
    if (models.has(key)) faults.push({ path: at, message: `${key} stands twice`, expected: 'a version of its own' });
    models.set(key, spec);
    model.labels.forEach((label, l) => putLabel(labels, { spec, label, at: [...at, 'labels', l], faults }));
  }
  const among = { models: nameRecord(models), labels: nameRecord([...labels].map(([name, of]) => [name, nameRecord(of)] as const)) };
  const amongAll = { ...among, get apps() { return nameRecord(apps); } };
  for (const [i, app] of innerFirst(soundEntries<RawApp>(raw.apps, 'apps', faults))) {
    const at = ['apps', i];
    if (apps.has(app.name)) faults.push({ path: at, message: `${app.name} stands twice`, expected: 'a name of its own' });
    apps.set(app.name, readApp(app, { at, among: amongAll, faults, secrets: { files, environment: reading.environment } }));
  }
  return { ...among, apps: nameRecord(apps), ...readRules(soundEntries<RawModelRules>(raw.rules, 'rules', faults), faults), ...readSources(soundEntries<RawSource>(raw.sources, 'sources', faults), reading.folder, faults) };
}

function putLabel(labels: Map<string, Map<string, number>>, { spec, label, at, faults }: { spec: ModelSpec; label: string; at: Fault['path']; faults: Fault[] }): void {
  const of = labels.get(spec.name) ?? new Map<string, number>();
  labels.set(spec.name, of);
  const before = of.get(label);
  if (before !== undefined) faults.push({ path: at, message: `"${label}" points at version ${before} already`, expected: 'one version for each label' });
  of.set(label, spec.version);
}

/** The entries of a list that the schema found no fault in. */
function soundEntries<T>(list: unknown, key: string, faults: readonly Fault[]): [number, T][] {
  if (!Array.isArray(list)) return [];
  const bad = new Set(faults.filter(({ path }) => path[0] === key).map(({ path }) => path[1]));
  return bad.has(undefined) ? [] : list.flatMap((entry: T, i): [number, T][] => (bad.has(i) ? [] : [[i, entry]]));
}

function located(file: string, source: YamlSource, path: Fault['path']): string {
  const { line, column } = source.locate(path);
  return `${file}:${line}:${column}`;
}

function inOrder(faults: readonly Fault[], source: YamlSource): Fault[] {
  return faults.map((fault) => ({ fault, at: source.locate(fault.path) }))
    .sort((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
    .map(({ fault }) => fault);
}

function unreadable(thrown: unknown): string {
  switch ((thrown as NodeJS.ErrnoException).code) {
    case 'ENOENT': return 'there is no such file';
    case 'EACCES': return 'no permission to read it';
    case 'EISDIR': return 'is a folder; the configuration is a file';
    default: return `cannot be read: ${(thrown as Error).message}`;
  }
}
