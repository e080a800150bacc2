import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../bench/load/random.ts';
import type { ClaimCommit, FeedbackStore } from '../../frontend/domain/feedback.ts';
import { until } from '../support/broker-process.ts';
import { plainCells } from '../support/counting-policy.ts';
import { decisionKey, firstClaim, STORE_KINDS, storedApp, WINDOW_MS } from '../support/feedback-stores.ts';
import { SEED, seeded } from '../support/random.ts';

/** What the store says of the cells, once it has heard of this many of the sum `n`. */
async function cellsWith(store: FeedbackStore, n: bigint): Promise<Record<string, bigint>> {
  await until(`${n} counted`, () => (store.cells.snapshot('a').cells.get('n') ?? 0n) === n);
  return plainCells(store.cells.snapshot('a').cells);
}

/** The cells of a context key as selection sees them, once the sum `n` is this. */
async function keyWith(store: FeedbackStore, context: Uint8Array, n: bigint): Promise<Record<string, bigint>> {
  const cells = await until(`${n} of the key`, () => {
    const held = store.keys.ofKey('a', context)?.cells;
    return held !== undefined && (held.get('n') ?? 0n) === n ? held : undefined;
  });
  return plainCells(cells);
}

function contextOf(key: number): Uint8Array {
  const context = Buffer.alloc(8, 0xf0);
  context.writeUInt32LE(key, 2);
  return context;
}

for (const kind of STORE_KINDS) {
  const conforms = (name: string, run: (open: () => Promise<FeedbackStore>) => Promise<void>): void => {
    test(`${kind.name}: ${name}`, { skip: kind.skip }, async (t) => run(await kind.place(t)));
  };

  conforms('a claim is had once; who comes second is told what it is, and raises it by its version', async (open) => {
    const store = await open();
    await store.serve([storedApp()]);
    const commit = firstClaim(1, [{ cell: 'n', add: 1n }], { state: Uint8Array.of(9, 8) });
    const twice = [commit, commit];
    assert.deepEqual((await store.commit('a', twice)).map(({ kind }) => kind), ['applied', 'conflict']);
    const [told] = await store.commit('a', [commit]);
    assert.ok(told?.kind === 'conflict');
    assert.deepEqual([told.claim.version, [...told.claim.state]], [1, [9, 8]]);
    assert.deepEqual((await store.commit('a', [{ ...commit, expected: 1, state: Uint8Array.of(7), increments: [{ cell: 'n', add: 1n }] }])).map(({ kind }) => kind), ['applied']);
    const [again] = await store.commit('a', [{ ...commit, expected: 1 }]);
    assert.ok(again?.kind === 'conflict' && again.claim.version === 2 && again.claim.state[0] === 7);
    const [nobodys] = await store.commit('a', [{ ...firstClaim(2, [{ cell: 'n', add: 100n }]), expected: 3 }]);
    assert.ok(nobodys?.kind === 'conflict' && nobodys.claim.version === 0);
    // Another row of the same decision is another claim.
    assert.deepEqual((await store.commit('a', [{ ...commit, row: 1 }])).map(({ kind }) => kind), ['applied']);
    assert.deepEqual(await cellsWith(store, 3n), { n: 3n });
  });

  conforms('cells are exact past 2^53, maxima only rise, and what was applied is there in the next life', async (open) => {
    const store = await open();
    await store.serve([storedApp()]);
    const large = 2n ** 62n;
    await store.commit('a', [
      firstClaim(1, [{ cell: 'n', add: 1n }, { cell: 'large', add: large }, { cell: 'm', max: -5n }, { cell: 'top', max: 2n ** 60n }]),
      firstClaim(2, [{ cell: 'n', add: 1n }, { cell: 'large', add: 1n }, { cell: 'm', max: -40n }, { cell: 'top', max: 2n ** 60n + 1n }]),
      firstClaim(3, [{ cell: 'n', add: 1n }, { cell: 'large', add: -3n }, { cell: 'm', max: 3n }, { cell: 'top', max: 9n }]),
    ]);
    const expected = { large: large - 2n, m: 3n, n: 3n, top: 2n ** 60n + 1n };
    assert.deepEqual(await cellsWith(store, 3n), expected);
    await store.close();
    const next = await open();
    await next.serve([storedApp()]);
    assert.deepEqual(plainCells(next.cells.snapshot('a').cells), expected);
    assert.deepEqual((await next.commit('a', [firstClaim(1, [])])).map(({ kind }) => kind), ['conflict']);
  });

  conforms('full is said, and nothing of the commit is done', async (open) => {
    const store = await open();
    await store.serve([storedApp({ maxClaims: 3, maxCells: 2 })]);
    const limit = 2n ** 63n - 1n;
    const outcomes = await store.commit('a', [
      firstClaim(1, [{ cell: 'n', add: 1n }, { cell: 'top', add: limit }]),
      firstClaim(2, [{ cell: 'n', add: 1n }, { cell: 'top', add: 1n }]),
      firstClaim(3, [{ cell: 'n', add: 1n }, { cell: 'third', add: 1n }]),
      firstClaim(4, [{ cell: 'n', add: 1n }]),
      firstClaim(5, [{ cell: 'n', add: 1n }]),
      firstClaim(6, [{ cell: 'n', add: 1n }]),
      firstClaim(4, [{ cell: 'n', add: 1n }]),
    ]);
    assert.deepEqual(outcomes.map((outcome) => (outcome.kind === 'full' ? outcome.what : outcome.kind)), ['applied', 'cell', 'cells', 'applied', 'applied', 'claims', 'conflict']);
    assert.deepEqual(await cellsWith(store, 3n), { n: 3n, top: limit });
    // Those that were refused are still to be had.
    await store.serve([storedApp({ maxCells: 3, maxClaims: 5 })]);
    assert.deepEqual((await store.commit('a', [firstClaim(2, [{ cell: 'n', add: 1n }]), firstClaim(3, [])])).map(({ kind }) => kind), ['applied', 'applied']);
  });

  conforms(seeded('duplicates in any order, from several at once, count once'), async (open) => {
    const stores = [await open()];
    if (kind.shared) stores.push(await open());
    for (const store of stores) await store.serve([storedApp()]);
    const draw = random(SEED);
    const distinct = 400;
    const commits: ClaimCommit[] = Array.from({ length: 3 * distinct }, (_, i) => firstClaim(i % distinct, [{ cell: 'n', add: 1n }, { cell: `c${i % 7 === 0 ? 0 : 1}`, add: BigInt(i % distinct) }]))
      .map((commit) => ({ commit, at: draw() })).toSorted((a, b) => a.at - b.at).map(({ commit }) => commit);
    const groups: Promise<readonly { kind: string }[]>[] = [];
    for (let at = 0; at < commits.length;) {
      const count = 1 + Math.floor(draw() * 90);
      const store = stores[Math.floor(draw() * stores.length)];
      if (store !== undefined) groups.push(store.commit('a', commits.slice(at, at + count)));
      at += count;
    }
    const applied = (await Promise.all(groups)).flat().filter(({ kind }) => kind === 'applied').length;
    assert.equal(applied, distinct);
    for (const store of stores) {
      const { c0 = 0n, c1 = 0n } = await cellsWith(store, BigInt(distinct));
      assert.equal(c0 + c1, BigInt((distinct * (distinct - 1)) / 2));
    }
  });

  conforms('claims go with the window, and their room is there again; cells stay', async (open) => {
    const store = await open();
    await store.serve([storedApp({ maxClaims: 2 })]);
    const old = [1, 2].map((n) => firstClaim(n, [{ cell: 'n', add: 1n }], { key: decisionKey(n, Date.now() - 3 * WINDOW_MS) }));
    assert.deepEqual((await store.commit('a', old)).map(({ kind }) => kind), ['applied', 'applied']);
    await store.trim('a', Date.now());
    assert.deepEqual((await store.commit('a', [firstClaim(3, [{ cell: 'n', add: 1n }]), firstClaim(4, [{ cell: 'n', add: 1n }]), firstClaim(5, [])])).map(({ kind }) => kind), ['applied', 'applied', 'full']);
    assert.deepEqual((await store.commit('a', [firstClaim(3, [])])).map(({ kind }) => kind), ['conflict'], 'those of now stay');
    assert.deepEqual(await cellsWith(store, 4n), { n: 4n });
  });

  conforms('a window that is made longer counts nothing again whose claim went with the shorter one', async (open) => {
    const store = await open();
    const longer = storedApp({ windowMs: 9 * WINDOW_MS });
    await store.serve([storedApp()]);
    const at = (hours: number): number => Date.now() - hours * WINDOW_MS;
    const old = firstClaim(1, [{ cell: 'n', add: 1n }], { key: decisionKey(1, at(3)) });
    const kept = firstClaim(2, [{ cell: 'n', add: 1n }], { key: decisionKey(2, at(1)) });
    assert.deepEqual((await store.commit('a', [old, kept])).map(({ kind }) => kind), ['applied', 'applied']);
    await store.trim('a', Date.now());
    await store.serve([longer]);
    assert.deepEqual((await store.commit('a', [old, kept])).map(({ kind }) => kind), ['forgotten', 'conflict']);
    // The next minute that is claimed in has Redis count anew: what went is known to have gone all the same.
    await store.commit('a', [firstClaim(3, [{ cell: 'n', add: 1n }])]);
    await store.serve([storedApp()]);
    await store.commit('a', [firstClaim(4, [{ cell: 'n', add: 1n }], { key: decisionKey(4, at(0.5)) })]);
    await store.close();
    const next = await open();
    await next.serve([longer]);
    assert.deepEqual((await next.commit('a', [old, { ...old, expected: 1 }, kept])).map(({ kind }) => kind), ['forgotten', 'conflict', 'conflict']);
    assert.deepEqual(await cellsWith(next, 4n), { n: 4n });
  });

  conforms('removed cells are gone everywhere, and begin anew', async (open) => {
    const store = await open();
    const other = kind.shared ? await open() : store;
    for (const one of new Set([store, other])) await one.serve([storedApp()]);
    await store.commit('a', [firstClaim(1, [{ cell: 'n', add: 1n }, { cell: 'x', add: 5n }, { cell: 'y', add: 6n }])]);
    await cellsWith(other, 1n);
    const before = other.cells.snapshot('a').version;
    await store.removeCells('a', ['x']);
    await until('x gone', () => !other.cells.snapshot('a').cells.has('x'));
    assert.ok(other.cells.snapshot('a').version > before);
    await store.removeCells('a', 'all');
    await until('all gone', () => other.cells.snapshot('a').cells.size === 0);
    await store.commit('a', [firstClaim(2, [{ cell: 'n', add: 1n }, { cell: 'x', add: 1n }], { generation: 1 })]);
    assert.deepEqual(await cellsWith(other, 1n), { n: 1n, x: 1n });
  });

  conforms('what was reckoned before all was removed changes nothing any more, and whoever reckoned it is told so; also in the next life', async (open) => {
    const store = await open();
    const other = kind.shared ? await open() : store;
    for (const one of new Set([store, other])) await one.serve([storedApp()]);
    const commit = firstClaim(1, [{ cell: 'n', add: 1n }], { keyed: { context: contextOf(1), increments: [{ cell: 'n', add: 1n }] } });
    const told = async (by: FeedbackStore, ...commits: ClaimCommit[]): Promise<unknown[]> => (await by.commit('a', commits)).map((outcome) => (outcome.kind === 'outdated' ? outcome.generation : outcome.kind));
    assert.deepEqual([store.generation('a'), await told(store, commit)], [0, ['applied']]);
    await store.removeCells('a', ['n']);
    const raised = { ...commit, expected: 1, increments: [{ cell: 'n', add: -1n }] };
    assert.deepEqual(await told(store, { ...raised, increments: [] }), ['applied'], 'single cells are removed within a generation');
    await store.removeCells('a', 'all');
    assert.deepEqual(await told(other, { ...raised, expected: 2 }, firstClaim(2, [{ cell: 'n', add: 1n }])), [1, 1]);
    assert.equal(other.generation('a'), 1);
    assert.deepEqual(await told(other, { ...raised, expected: 2, increments: [], generation: 1 }), ['applied'], 'the claim is there as it was');
    await store.close();
    if (!kind.shared) {
      const next = await open();
      await next.serve([storedApp()]);
      assert.deepEqual(await told(next, firstClaim(3, [{ cell: 'n', add: 5n }]), firstClaim(3, [{ cell: 'n', add: 5n }], { generation: 1 })), [1, 'applied']);
      assert.deepEqual(await cellsWith(next, 5n), { n: 5n });
    }
  });

  conforms('the cells of a context key are its own: read when they are asked for, exact, and there in the next life', async (open) => {
    const store = await open();
    await store.serve([storedApp()]);
    const [ann, bob] = [contextOf(1), contextOf(2)];
    const large = 2n ** 62n;
    const outcomes = await store.commit('a', [
      firstClaim(1, [{ cell: 'n', add: 1n }], { keyed: { context: ann, increments: [{ cell: 'n', add: 1n }, { cell: 'large', add: large }, { cell: 'top', max: -4n }] } }),
      firstClaim(2, [{ cell: 'n', add: 1n }], { keyed: { context: ann, increments: [{ cell: 'n', add: 1n }, { cell: 'large', add: -3n }, { cell: 'top', max: -9n }] } }),
      firstClaim(3, [{ cell: 'n', add: 1n }], { keyed: { context: bob, increments: [{ cell: 'n', add: 7n }] } }),
      firstClaim(3, [{ cell: 'n', add: 1n }], { keyed: { context: bob, increments: [{ cell: 'n', add: 7n }] } }),
    ]);
    assert.deepEqual(outcomes.map(({ kind }) => kind), ['applied', 'applied', 'applied', 'conflict']);
    const anns = { large: large - 3n, n: 2n, top: -4n };
    assert.deepEqual((await store.readKeys('a', [ann, bob, contextOf(3)])).map(plainCells), [anns, { n: 7n }, {}]);
    assert.deepEqual(await keyWith(store, ann, 2n), anns);
    assert.deepEqual(await keyWith(store, contextOf(3), 0n), {});
    await store.commit('a', [firstClaim(4, [], { keyed: { context: ann, increments: [{ cell: 'n', add: 5n }] } })]);
    assert.deepEqual(await keyWith(store, ann, 7n), { ...anns, n: 7n }, 'who is held hears of it');
    await store.close();
    const next = await open();
    await next.serve([storedApp()]);
    assert.deepEqual(await keyWith(next, ann, 7n), { ...anns, n: 7n });
    assert.deepEqual(await cellsWith(next, 3n), { n: 3n }, 'and are no cells of the app');
  });

  conforms('what is full for a context key changes nothing for the app, and the other way round', async (open) => {
    const store = await open();
    await store.serve([storedApp({ maxCells: 1 })]);
    const limit = 2n ** 63n - 1n;
    const outcomes = await store.commit('a', [
      firstClaim(1, [{ cell: 'n', add: 1n }], { keyed: { context: contextOf(1), increments: [{ cell: 'x', add: limit }] } }),
      firstClaim(2, [{ cell: 'n', add: 1n }], { keyed: { context: contextOf(1), increments: [{ cell: 'y', add: 1n }, { cell: 'x', add: 1n }] } }),
      firstClaim(3, [{ cell: 'second', add: 1n }], { keyed: { context: contextOf(1), increments: [{ cell: 'z', add: 1n }] } }),
      firstClaim(4, [{ cell: 'n', add: 1n }], { keyed: { context: contextOf(1), increments: Array.from({ length: 4100 }, (_, i) => ({ cell: `c${i}`, add: 1n })) } }),
      firstClaim(5, [{ cell: 'n', add: 1n }], { keyed: { context: contextOf(1), increments: [{ cell: 'x', add: -1n }] } }),
    ]);
    assert.deepEqual(outcomes.map((outcome) => (outcome.kind === 'full' ? outcome.what : outcome.kind)), ['applied', 'cell', 'cells', 'cells', 'applied']);
    assert.deepEqual(await cellsWith(store, 2n), { n: 2n });
    assert.deepEqual((await store.readKeys('a', [contextOf(1)])).map(plainCells), [{ x: limit - 1n }]);
  });

  conforms('a context key is forgotten when it is told to be, everywhere, and begins anew; so are all with the app', async (open) => {
    const store = await open();
    const other = kind.shared ? await open() : store;
    for (const one of new Set([store, other])) await one.serve([storedApp()]);
    const give = (n: number, key: number): Promise<unknown> => store.commit('a', [firstClaim(n, [], { keyed: { context: contextOf(key), increments: [{ cell: 'n', add: 1n }, { cell: 'x', add: 1n }] } })]);
    await give(1, 1);
    await give(2, 2);
    assert.deepEqual([await keyWith(other, contextOf(1), 1n), await keyWith(other, contextOf(2), 1n)], [{ n: 1n, x: 1n }, { n: 1n, x: 1n }]);
    await store.removeKey('a', contextOf(2), ['x']);
    assert.deepEqual((await store.readKeys('a', [contextOf(2)])).map(plainCells), [{ n: 1n }]);
    await store.removeKey('a', contextOf(1), 'all');
    await keyWith(other, contextOf(1), 0n);
    await give(3, 1);
    assert.deepEqual(await keyWith(other, contextOf(1), 1n), { n: 1n, x: 1n });
    await store.removeCells('a', 'all');
    await keyWith(other, contextOf(1), 0n);
    assert.deepEqual((await store.readKeys('a', [contextOf(1), contextOf(2)])).map(plainCells), [{}, {}]);
  });

  conforms('past the bound those context keys go whose last reward is the longest ago; who is forgotten is counted once all the same', async (open) => {
    const store = await open();
    await store.serve([storedApp({ maxKeys: 10 })]);
    const minute = 60_000;
    const now = Date.now();
    const give = (n: number, key: number, minutesAgo: number): ClaimCommit => firstClaim(n, [{ cell: 'n', add: 1n }], { key: decisionKey(n, now - minutesAgo * minute), keyed: { context: contextOf(key), increments: [{ cell: 'n', add: 1n }] } });
    await store.commit('a', Array.from({ length: 30 }, (_, i) => give(i, i, 30 - i)));
    await store.commit('a', [give(100, 3, 0)]);
    while (await store.trim('a', now)) continue;
    const left = (await store.readKeys('a', Array.from({ length: 30 }, (_, i) => contextOf(i)))).flatMap((cells, i) => (cells.size > 0 ? [i] : []));
    assert.deepEqual(left, [3, 21, 22, 23, 24, 25, 26, 27, 28, 29]);
    assert.deepEqual((await store.commit('a', [give(0, 0, 30), give(101, 0, 0)])).map(({ kind }) => kind), ['conflict', 'applied']);
    assert.deepEqual((await store.readKeys('a', [contextOf(0)])).map(plainCells), [{ n: 1n }]);
    assert.deepEqual(await cellsWith(store, 32n), { n: 32n });
  });

  conforms(seeded('rewards of many context keys, duplicated and in any order, while keys are held and let go, come out exact'), async (open) => {
    const stores = [await open()];
    if (kind.shared) stores.push(await open());
    for (const store of stores) await store.serve([storedApp()]);
    const draw = random(SEED);
    const keys = 50;
    const expected = new Array<bigint>(keys).fill(0n);
    const commits = Array.from({ length: 600 }, (_, i) => {
      const key = Math.floor(draw() * keys);
      expected[key] = (expected[key] ?? 0n) + BigInt(i);
      return firstClaim(i, [{ cell: 'n', add: 1n }], { keyed: { context: contextOf(key), increments: [{ cell: 's', add: BigInt(i) }] } });
    });
    const shuffled = [...commits, ...commits].map((commit) => ({ commit, at: draw() })).toSorted((a, b) => a.at - b.at).map(({ commit }) => commit);
    const groups: Promise<unknown>[] = [];
    for (let at = 0; at < shuffled.length;) {
      const count = 1 + Math.floor(draw() * 40);
      const store = stores[Math.floor(draw() * stores.length)];
      groups.push(store?.commit('a', shuffled.slice(at, at + count)) ?? Promise.resolve());
      for (let i = 0; i < 5; i++) store?.keys.ofKey('a', contextOf(Math.floor(draw() * keys)));
      if (draw() < 0.2) await new Promise((resolve) => setImmediate(resolve));
      at += count;
    }
    await Promise.all(groups);
    const all = Array.from({ length: keys }, (_, key) => contextOf(key));
    for (const store of stores) {
      assert.deepEqual((await store.readKeys('a', all)).map((cells) => cells.get('s') ?? 0n), expected);
      for (const [key, context] of all.entries()) await until(`key ${key}`, () => (store.keys.ofKey('a', context)?.cells.get('s') ?? 0n) === expected[key]);
    }
  });

  conforms('decisions are found by id, swept once in order, and dropped by age and bytes', async (open) => {
    const store = await open();
    await store.serve([storedApp()]);
    const now = Date.now();
    const decisions = Array.from({ length: 20 }, (_, i) => ({ ...decisionKey(i, now + i), record: Buffer.alloc(1000, i) }));
    await store.append('a', decisions.slice(0, 10));
    await store.append('a', decisions.slice(10));
    const found = await store.decisions('a', [...decisions.slice(5, 7), decisionKey(99, now)]);
    assert.deepEqual(found.map((record) => record?.[0]), [5, 6, undefined]);
    const page = await store.due('a', now + 60_000);
    assert.deepEqual(page.decisions.map(({ record, atEpochMs }) => [record[0], atEpochMs - now]), decisions.map((_, i) => [i, i]));
    assert.deepEqual((await store.due('a', now - 60_000)).decisions, []);
    await store.swept('a', page.cursor);
    assert.deepEqual((await store.due('a', now + 60_000)).decisions, []);
    await store.append('a', [{ ...decisionKey(50, now + 30_000), record: Buffer.from([50]) }]);
    assert.deepEqual((await store.due('a', now + 60_000)).decisions.map(({ record }) => record[0]), [50]);
    await store.serve([storedApp({ journalMaxBytes: 10_000 })]);
    await store.trim('a', now);
    const left = (await store.decisions('a', decisions)).filter((record) => record !== undefined).length;
    assert.ok(left < 12, `${left} are left`);
    assert.ok((await store.decisions('a', [decisionKey(50, now + 30_000)]))[0] !== undefined, 'the oldest go first');
    await store.trim('a', now + 2 * WINDOW_MS);
    assert.deepEqual((await store.decisions('a', [decisionKey(50, now + 30_000)])), [undefined]);
  });

  conforms('revisions of apps are there for the next one', async (open) => {
    const store = await open();
    const revisions = [{ fingerprint: Buffer.alloc(8, 1), app: 'a', arms: ['x', 'y@2'] }, { fingerprint: Buffer.alloc(8, 2), app: 'a', arms: ['x'] }];
    await store.saveRevisions(revisions);
    await store.saveRevisions(revisions.slice(0, 1));
    await store.close();
    const found = await (await open()).loadRevisions();
    const plain = (list: typeof found): string[] => list.map(({ fingerprint, app, arms }) => JSON.stringify([[...fingerprint], app, arms])).toSorted((a, b) => a.localeCompare(b));
    assert.deepEqual(plain(found), plain(revisions));
  });

  conforms('one at a time sweeps an app', async (open) => {
    const store = await open();
    await store.serve([storedApp()]);
    assert.ok(await store.lease('a', 60_000));
    assert.ok(await store.lease('a', 60_000), 'who has it keeps it');
    if (!kind.shared) return;
    const other = await open();
    await other.serve([storedApp()]);
    assert.equal(await other.lease('a', 60_000), false);
  });

  conforms('what is asked of an app that is not served, or after the end, is refused', async (open) => {
    const store = await open();
    await assert.rejects(store.commit('nobody', [firstClaim(1, [])]), /is not served/u);
    await store.close();
    await assert.rejects(store.loadRevisions(), { name: 'StoreFault' });
  });
}
