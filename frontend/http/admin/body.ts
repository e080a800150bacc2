import type { Static, TSchema } from 'typebox';
import { readApp } from '../../config/app-words.ts';
import { check, isMap } from '../../config/check.ts';
import { readModel } from '../../config/model-words.ts';
import { filesBelow, filesOfConfig, noFiles, type NamedFiles } from '../../config/named-files.ts';
import { APP, MODEL, STEERING_BODY } from '../../config/options.ts';
import { plain } from '../../config/schema.ts';
import type { Settings } from '../../config/settings.ts';
import { BrokerError } from '../../domain/errors.ts';
import { pathText } from '../../domain/fault.ts';
import type { Fault } from '../../domain/fault.ts';
import type { AppSpec, DesiredState, ModelSpec, Steering } from '../../domain/model.ts';

/** What bodies may say depends on: the settings, and for apps what models there are. */
export interface AdminReading {
  readonly settings: Pick<Settings, 'admin' | 'dial'>;
  readonly current: DesiredState;
  /** It is the operator who speaks, as through the configuration file: paths are absolute, and any may be named. */
  readonly trusted?: boolean;
}

/** A model version from the body of a PUT: the words of the file; `name` and `version` come from the path. */
export function readModelBody(body: unknown, named: { name: string; version: number }, { settings, trusted = false }: AdminReading): ModelSpec {
  const faults: Fault[] = [];
  const raw = checked(MODEL, withNames(body, named, faults), faults);
  if (raw.labels.length > 0) faults.push({ path: ['labels'], message: 'cannot be given here', expected: 'a PUT to /admin/models/{model}/labels/{label}, once the version is ready' });
  const { allowCode, deployRoot } = settings.admin;
  let namedCode = typeof raw.container === 'object' && 'command' in raw.container;
  const files = trusted ? filesOfConfig('/') : below(allowCode ? deployRoot : undefined, () => { namedCode = true; });
  const spec = readModel(raw, { at: [], files, dialAllow: settings.dial.allow, faults });
  if (namedCode && !allowCode && !trusted) throw new BrokerError('code_not_allowed');
  refuseFaults(faults);
  return spec;
}

function below(root: string | undefined, refused: () => void): NamedFiles {
  return root === undefined ? noFiles(refused) : filesBelow(root);
}

/** An app from the body of a PUT. */
export function readAppBody(body: unknown, named: { name: string }, { current }: AdminReading): AppSpec {
  const faults: Fault[] = [];
  const raw = checked(APP, withNames(body, named, faults), faults);
  const spec = readApp(raw, { at: [], among: current, faults });
  refuseFaults(faults);
  return spec;
}

/** The operator's hands on an app; what is false or empty is no hand. */
export function readSteering(body: unknown): Steering {
  const { pin, frozen, exploit, floors, caps, shadow, parents } = readBody(STEERING_BODY, body);
  const some = (of: object | undefined): boolean => of !== undefined && Object.keys(of).length > 0;
  return {
    ...(pin === undefined ? {} : { pin }), ...(frozen === true ? { frozen } : {}), ...(exploit === true ? { exploit } : {}),
    ...(floors !== undefined && some(floors) ? { floors } : {}), ...(caps !== undefined && some(caps) ? { caps } : {}),
    ...(shadow !== undefined && shadow.length > 0 ? { shadow } : {}), ...(parents !== undefined && some(parents) ? { parents } : {}),
  };
}

/** Anything else that is small: held against its schema. */
export function readBody<S extends TSchema>(schema: S, body: unknown): Static<S> {
  const faults: Fault[] = [];
  const value = checked(schema, body, faults);
  refuseFaults(faults);
  return value;
}

/** The body may repeat the names of the path, but not contradict them. */
function withNames(body: unknown, named: Readonly<Record<string, unknown>>, faults: Fault[]): unknown {
  if (!isMap(body)) return body;
  for (const [key, value] of Object.entries(named)) {
    if (Object.hasOwn(body, key) && body[key] !== value) faults.push({ path: [key], message: 'differs from the path', expected: String(value) });
  }
  return { ...body, ...named };
}

function checked<S extends TSchema>(schema: S, body: unknown, faults: Fault[]): Static<S> {
  const value = check(plain(schema), body, [], faults);
  refuseFaults(faults);
  return value as Static<S>;
}

function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length > 0) throw new BrokerError('invalid_config', undefined, { details: faults.map(({ path, ...fault }) => ({ path: pathText(path), ...fault })) });
}
