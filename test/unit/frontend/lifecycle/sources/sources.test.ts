import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BrokerError } from '../../../../../frontend/domain/errors.ts';
import { nameRecord, type SourceSpec } from '../../../../../frontend/domain/model.ts';
import type { Aspired, Source } from '../../../../../frontend/domain/source.ts';
import { Sources } from '../../../../../frontend/lifecycle/sources/sources.ts';

const NOTHING: Aspired = { models: nameRecord([]), rules: nameRecord([]) };

class FakeSource implements Source {
  readonly spec: SourceSpec;
  tell: ((aspired: Aspired) => Promise<void>) | undefined;
  stopped = false;
  constructor(spec: SourceSpec) {
    this.spec = spec;
  }
  start(tell: (aspired: Aspired) => Promise<void>): void {
    this.tell = tell;
  }
  stop(): void {
    this.stopped = true;
  }
  status(): ReturnType<Source['status']> {
    return { ...this.spec, refused: [], settling: [] };
  }
}

function setUp() {
  const opened: FakeSource[] = [];
  const said: string[] = [];
  const take = (_: object, message: string): void => void said.push(message);
  const next: { refused: readonly { model: string; faults: readonly string[] }[]; error?: BrokerError } = { refused: [] };
  const told: Aspired[] = [];
  const sources = new Sources({
    log: { debug: take, info: take, warn: take, error: take },
    open: (spec) => {
      const source = new FakeSource(spec);
      opened.push(source);
      return source;
    },
    owner: {
      applySource: async (_, aspired) => {
        told.push(aspired);
        const none = { added: ['m@1'], changed: [], removed: [] };
        const { refused, error } = next;
        return { refused, result: error === undefined ? { ok: true, changed: { revision: 1, etag: '"1"', dryRun: false, diff: { models: none, labels: none, apps: none } } } : { ok: false, error } };
      },
    },
  });
  return { sources, opened, said, next, told };
}

test('sources come, change and go as they are wanted', () => {
  const { sources, opened } = setUp();
  sources.apply([{ folder: '/a', pollMs: 10 }, { folder: '/b', pollMs: 10 }]);
  sources.apply([{ folder: '/a', pollMs: 10 }, { folder: '/b', pollMs: 20 }]);
  assert.deepEqual(opened.map(({ spec, stopped }) => `${spec.folder} ${spec.pollMs} ${stopped}`), ['/a 10 false', '/b 10 true', '/b 20 false']);
  assert.deepEqual(sources.status().map(({ folder }) => folder), ['/a', '/b']);
  sources.stop();
  assert.ok(opened.every(({ stopped }) => stopped));
});

test('what is taken is said, what cannot be too; where it could not be saved the source hears of it', async () => {
  const { sources, opened, said, next } = setUp();
  sources.apply([{ folder: '/a', pollMs: 10 }]);
  next.refused = [{ model: 'n', faults: ['x'] }];
  await opened[0]?.tell?.(NOTHING);
  assert.deepEqual(said, ['what a source holds of a model cannot be; it stays as it was', 'a source changed what is wanted']);
  next.error = new BrokerError('internal');
  await assert.rejects(async () => opened[0]?.tell?.(NOTHING), BrokerError);
});

test('what was refused is shown, said once, and told again with each change until it is taken', async () => {
  const { sources, opened, said, next, told } = setUp();
  const specs = [{ folder: '/a', pollMs: 10 }, { folder: '/b', pollMs: 10 }];
  sources.apply(specs);
  const inA: Aspired = { models: nameRecord([]), rules: nameRecord([['n', { split: {} }]]) };
  next.refused = [{ model: 'n', faults: ['x', 'y'] }];
  await opened[0]?.tell?.(inA);
  next.refused = [];
  await opened[1]?.tell?.(NOTHING);
  const refused = (): object[] => sources.status().flatMap((status) => [...status.refused]);
  assert.deepEqual(refused(), [{ path: '/a/n', why: 'x; y' }]);
  next.refused = [{ model: 'n', faults: ['x', 'y'] }];
  sources.apply(specs);
  await new Promise((resolve) => setImmediate(resolve));
  next.error = new BrokerError('internal');
  sources.apply(specs);
  await new Promise((resolve) => setImmediate(resolve));
  delete next.error;
  assert.equal(said.filter((sentence) => sentence.includes('cannot be')).length, 1);
  next.refused = [];
  sources.apply(specs);
  await new Promise((resolve) => setImmediate(resolve));
  sources.apply(specs);
  assert.deepEqual(told.slice(2), [inA, inA, inA], 'of the folder that was refused, and not once it is taken');
  assert.deepEqual(refused(), []);
});
