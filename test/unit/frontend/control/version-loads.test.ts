import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VersionFacts } from '../../../../frontend/control/version-life.ts';
import { NO_VERSIONS, lookAtVersions, type Versions, type VersionsView } from '../../../../frontend/control/version-loads.ts';
import { modelKey, nameRecord, type ModelKey, type ModelSpec } from '../../../../frontend/domain/model.ts';
import { makeModel } from '../../../support/specs.ts';

const MIB = 1024 * 1024;

function routed(...specs: readonly ModelSpec[]): VersionsView['routed'] {
  return nameRecord(specs.map((spec) => [modelKey(spec.name, spec.version), spec] as const));
}

function look(versions: Versions, specs: readonly ModelSpec[], more: Partial<VersionsView> & { facts?: Readonly<Record<string, Partial<VersionFacts>>> } = {}): Versions {
  const { facts = {}, ...view } = more;
  return lookAtVersions(versions, {
    routed: routed(...specs), transitionOf: () => 'availability', bytesOf: () => undefined, availableBytes: undefined,
    factsOf: (key) => ({ ready: false, present: true, settled: true, ...facts[key] }), ...view,
  }, { now: 10, retireMicros: 100, parallel: 1 });
}

function states({ lives }: Versions): Record<string, string> {
  return Object.fromEntries([...lives].map(([key, { state }]) => [key, state.kind === 'waiting' ? `${state.why}${state.text === undefined ? '' : `: ${state.text}`}` : state.kind]));
}

const [one, two, three] = [1, 2, 3].map((version) => makeModel({ version })) as [ModelSpec, ModelSpec, ModelSpec];
const allReady = (...keys: ModelKey[]): { facts: Record<string, Partial<VersionFacts>> } => ({ facts: Object.fromEntries(keys.map((key) => [key, { ready: true }])) });

test('the first start knows no limit; after it versions load in turn, the newest of a model first', () => {
  let versions = look(NO_VERSIONS, [one, makeModel({ name: 'b' })]);
  assert.deepEqual([states(versions), versions.isFirstStart], [{ 'm@1': 'loading', 'b@1': 'loading' }, true]);
  versions = look(versions, [one, makeModel({ name: 'b' })], allReady('m@1', 'b@1'));
  assert.equal(versions.isFirstStart, false);
  versions = look(versions, [one, two, three], allReady('m@1', 'b@1'));
  assert.deepEqual(states(versions), { 'm@1': 'ready', 'b@1': 'leaving', 'm@2': 'turn', 'm@3': 'loading' });
});

test('a look at the same is the same', () => {
  const versions = look(look(NO_VERSIONS, [one]), [one], allReady('m@1'));
  const again = look(versions, [one], allReady('m@1'));
  assert.equal(again.lives.get('m@1'), versions.lives.get('m@1'));
});

test('what loads already has its memory promised', () => {
  const large = { bytesOf: (spec: ModelSpec) => (spec.version + 1) * 64 * MIB, availableBytes: 200 * MIB };
  const started = look(look(NO_VERSIONS, [one]), [one], allReady('m@1'));
  const versions = look({ ...started, isFirstStart: true }, [one, two, makeModel({ name: 'b' })], { ...large, ...allReady('m@1') });
  assert.deepEqual(states(versions), { 'm@1': 'ready', 'b@1': 'loading', 'm@2': 'no_memory: it needs 192 MiB; there are about 192 MiB, of which 128 MiB are for what loads already' });
});

test('under `resource` a version waits for the one before it', () => {
  const versions = look(look(NO_VERSIONS, [one]), [one], allReady('m@1'));
  const transition = { transitionOf: () => 'resource' as const, facts: { 'm@1': { ready: true, settled: false } } };
  const next = look(versions, [two], transition);
  assert.deepEqual(states(next), { 'm@1': 'leaving', 'm@2': 'room: m@1 has not ended yet' });
});
