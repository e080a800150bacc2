import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import type { AppFigures, Snapshot } from '../../../../../frontend/dashboard/snapshot.ts';
import { EventHub } from '../../../../../frontend/http/dashboard/event-hub.ts';

/** The part of a response that the hub uses. */
class Reader extends EventEmitter {
  readonly written: string[] = [];
  writableLength = 0;
  ended = false;
  destroyed = false;

  writeHead(): void {}
  write(text: string): void {
    this.written.push(text);
  }
  end(): void {
    this.ended = true;
    this.emit('close');
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
  /** Name and data of the last event. */
  last(): [string, Snapshot & { gone: { apps: string[] } }] {
    const [name = '', data = ''] = (this.written.at(-1) ?? '').split('\n');
    return [name.slice('event: '.length), JSON.parse(data.slice('data: '.length))];
  }
}

function world(): { hub: EventHub; apps: Map<string, number>; looks: () => number; troubles: Snapshot['troubles'][number][][]; join: () => Reader } {
  const apps = new Map([['a', 1], ['b', 1]]);
  const troubles = [[]] as Snapshot['troubles'][number][][];
  let looks = 0;
  const hub = new EventHub(() => {
    looks++;
    return { at: looks, broker: { version: '1' } as Snapshot['broker'], models: [], troubles: troubles.at(-1) ?? [], apps: [...apps].map(([name, answersPerSecond]) => ({ name, answersPerSecond }) as AppFigures) };
  });
  const join = (): Reader => {
    const reader = new Reader();
    hub.open(reader as unknown as ServerResponse, {});
    return reader;
  };
  return { hub, apps, looks: () => looks, troubles, join };
}

test('first everything, then what has changed; whoever comes later is told the same', () => {
  const { hub, apps, join } = world();
  const first = join();
  assert.equal(first.last()[0], 'state');
  assert.equal(first.last()[1].apps.length, 2);
  apps.set('b', 7);
  apps.set('c', 1);
  apps.delete('a');
  hub.tick();
  const [name, tick] = first.last();
  assert.equal(name, 'tick');
  assert.deepEqual(tick.apps.map((app) => app.name), ['b', 'c']);
  assert.deepEqual(tick.gone.apps, ['a']);
  assert.equal(tick.troubles, undefined);
  assert.deepEqual(join().last()[1].apps.map((app) => app.name), ['b', 'c']);
});

test('one look a tick serves all, and while nobody looks there is none', () => {
  const { hub, looks, join } = world();
  hub.tick();
  assert.equal(looks(), 0);
  const readers = [join(), join(), join()];
  hub.tick();
  assert.equal(looks(), 2);
  assert.equal(new Set(readers.map(({ written }) => written.at(-1))).size, 1);
  for (const reader of readers) reader.emit('close');
  hub.tick();
  assert.deepEqual([looks(), hub.streams], [2, 0]);
});

test('troubles are said when there are others', () => {
  const { hub, troubles, join } = world();
  const reader = join();
  troubles.push([{ at: 1, level: 'error', subject: 'a', text: 'x\ny', times: 1 }]);
  hub.tick();
  assert.equal(reader.last()[1].troubles[0]?.text, 'x\ny');
});

test('streams are bounded, who does not read is cut off, and a closed hub takes nobody', () => {
  const { hub, join } = world();
  const readers = Array.from({ length: 32 }, join);
  assert.throws(join, { code: 'overloaded' });
  const [slow] = readers;
  if (slow !== undefined) slow.writableLength = 2 ** 21;
  hub.tick();
  assert.equal(slow?.destroyed, true);
  assert.equal(hub.streams, 31);
  hub.close();
  assert.ok(readers.slice(1).every(({ ended }) => ended));
  assert.throws(join, { code: 'draining' });
});
