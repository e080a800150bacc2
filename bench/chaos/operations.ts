import type { Random } from '../load/random.ts';
import { CONFIG, CONFIG_WITH_MORE, churnApp, churnVersion } from './config.ts';
import type { Wanted } from './wanted.ts';

/** A change that an operator asks for: what must be wanted once it is acknowledged, and which refusals are right. */
export interface Change {
  readonly kind: 'change';
  readonly name: string;
  readonly method: 'PUT' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly after: (before: Wanted) => Wanted;
  /** Statuses other than 200 that the broker may answer, nothing being changed then. */
  readonly refusals: readonly number[];
}

export type Operation =
  | Change
  /** The configuration file speaks. */
  | { readonly kind: 'apply'; readonly name: string; readonly config: object; readonly filed: boolean }
  /** Two operators at once, both by the etag that they read: one of them is refused. */
  | { readonly kind: 'both'; readonly name: string; readonly first: Change; readonly second: Change }
  /** A container is killed; `draw` says which. */
  | { readonly kind: 'kill container'; readonly name: string; readonly draw: number }
  /** The broker is killed, and comes again; `during` is asked for in the same moment. */
  | { readonly kind: 'kill broker'; readonly name: string; readonly during: Change }
  | { readonly kind: 'stop broker'; readonly name: string };

const VERSIONS = 4;
const MOST_REPLICAS = 2;

/** Draws the next operation. Nothing else decides what happens: the same seed does the same. */
export function drawOperation(draw: Random): Operation {
  const kind = draw();
  if (kind < 0.03) return { kind: 'kill broker', name: 'kill the broker in a change', during: drawChange(draw) };
  if (kind < 0.05) return { kind: 'stop broker', name: 'stop the broker' };
  if (kind < 0.15) return { kind: 'kill container', name: 'kill a container', draw: draw() };
  if (kind < 0.2) {
    const filed = draw() < 0.5;
    return { kind: 'apply', name: filed ? 'apply with a model more' : 'apply with a model less', config: filed ? CONFIG_WITH_MORE : CONFIG, filed };
  }
  if (kind < 0.27) return { kind: 'both', name: 'two operators at once', first: drawChange(draw), second: drawChange(draw) };
  return drawChange(draw);
}

function drawChange(draw: Random): Change {
  const version = 1 + Math.floor(draw() * VERSIONS);
  const replicas = Math.floor(draw() * (MOST_REPLICAS + 1));
  const at = `/admin/models/churn/versions/${version}`;
  const choices: readonly (() => Change)[] = [
    () => change('put a version', 'PUT', at, { body: churnVersion(replicas, Math.floor(draw() * 4)), after: (before) => withVersion(before, version, replicas), refusals: [] }),
    () => change('scale', 'PUT', `${at}/replicas`, { body: { replicas }, after: (before) => withVersion(before, version, replicas), refusals: [404] }),
    () => change('delete a version', 'DELETE', at, { after: (before) => withoutVersion(before, version), refusals: [404, 409] }),
    () => change('label', 'PUT', '/admin/models/churn/labels/stable', { body: { version }, after: (before) => ({ ...before, stable: version }), refusals: [404, 409] }),
    () => change('take the label away', 'DELETE', '/admin/models/churn/labels/stable', { after: (before) => ({ ...before, stable: undefined }), refusals: [404, 409] }),
    () => {
      const sloMs = 20 + Math.floor(draw() * 3) * 10;
      return change('put the app', 'PUT', '/admin/apps/churn', { body: churnApp(sloMs), after: (before) => ({ ...before, sloMs }), refusals: [422] });
    },
    () => change('delete the app', 'DELETE', '/admin/apps/churn', { after: (before) => ({ ...before, sloMs: undefined }), refusals: [404] }),
    () => change('restart a replica', 'POST', `${at}/replicas/${1 + Math.floor(draw() * 4)}/restart`, { after: same, refusals: [404] }),
    () => change('drain a replica', 'POST', `${at}/replicas/${1 + Math.floor(draw() * 4)}/drain`, { after: (before) => withVersion(before, version, Math.max(0, (before.versions.get(version) ?? 0) - 1)), refusals: [404] }),
    () => change('clear the cache', 'DELETE', '/admin/cache', { after: same, refusals: [] }),
    () => change('set the log level', 'PUT', '/admin/log', { body: { level: draw() < 0.5 ? 'info' : 'warn' }, after: same, refusals: [] }),
    () => change('ask for nonsense', 'PUT', at, { body: { container: 'nonsense', replicas: -1 }, after: same, refusals: [422] }),
  ];
  // A version is put more often than taken away.
  const chosen = draw() < 0.3 ? choices[0] : choices[Math.floor(draw() * choices.length)];
  if (chosen === undefined) throw new RangeError('no such operation');
  return chosen();
}

function change(name: string, method: Change['method'], path: string, more: Pick<Change, 'after' | 'refusals'> & { readonly body?: unknown }): Change {
  return { kind: 'change', name, method, path, ...more };
}

function same(before: Wanted): Wanted {
  return before;
}

function withVersion(before: Wanted, version: number, replicas: number): Wanted {
  return { ...before, versions: new Map([...before.versions, [version, replicas]]) };
}

function withoutVersion(before: Wanted, version: number): Wanted {
  return { ...before, versions: new Map([...before.versions].filter(([other]) => other !== version)) };
}
