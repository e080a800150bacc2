import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../../../bench/load/random.ts';
import { S3Fifo, type Kept } from '../../../../frontend/cache/s3-fifo.ts';
import { zipf } from '../../../support/zipf.ts';

interface Item extends Kept { readonly key: number }

/** A cache of equal items over the eviction rule. */
class Shelf {
  readonly rule = new S3Fifo<Item>({ ghosts: 4096 });
  readonly #items = new Map<number, Item>();
  readonly #room: number;
  hits = 0;

  constructor(room: number) {
    this.#room = room;
  }

  ask(key: number): boolean {
    const known = this.#items.get(key);
    if (known !== undefined) {
      this.rule.use(known);
      this.hits++;
      return true;
    }
    const item: Item = { key, hash: Math.imul(key + 1, 0x9e3779b1), bytes: 1, uses: 0, place: undefined, newer: undefined, older: undefined };
    this.#items.set(key, item);
    this.rule.insert(item);
    while (this.rule.bytes > this.#room) this.#items.delete(this.rule.evict()?.key ?? -1);
    return false;
  }
  has(key: number): boolean {
    return this.#items.has(key);
  }
  forget(key: number): void {
    const item = this.#items.get(key);
    if (item !== undefined) this.rule.remove(item);
    this.#items.delete(key);
  }
}

function lruHits(keys: readonly number[], room: number): number {
  const items = new Set<number>();
  let hits = 0;
  for (const key of keys) {
    if (items.delete(key)) hits++;
    items.add(key);
    if (items.size > room) items.delete(items.values().next().value ?? -1);
  }
  return hits;
}

test('a scan of keys that are asked once leaves the working set where it is', () => {
  const shelf = new Shelf(1000);
  for (let round = 0; round < 4; round++) for (let key = 0; key < 800; key++) shelf.ask(key);
  for (let key = 10_000; key < 60_000; key++) shelf.ask(key);
  let left = 0;
  for (let key = 0; key < 800; key++) if (shelf.has(key)) left++;
  assert.ok(left >= 790, `${left} of 800 were left after a scan of 50,000`);
});

test('what went and is asked again soon goes where it stays', () => {
  const shelf = new Shelf(100);
  for (let key = 0; key < 200; key++) shelf.ask(key);
  assert.equal(shelf.has(90), false);
  shelf.ask(90);
  shelf.ask(1000);
  for (let key = 300; key < 500; key++) shelf.ask(key);
  assert.deepEqual([shelf.has(90), shelf.has(1000)], [true, false]);
});

test('on Zipf traces it hits more often than LRU, with a scan in between by far', () => {
  const draw = zipf({ items: 20_000, exponent: 0.9, random: random(20261121) });
  const plain = Array.from({ length: 100_000 }, draw);
  const scanned = plain.flatMap((key, i) => (i % 2 === 0 ? [key, 1_000_000 + i] : [key]));
  for (const [trace, least] of [[plain, 1.05], [scanned, 1.15]] as const) {
    const shelf = new Shelf(1000);
    for (const key of trace) shelf.ask(key);
    const lru = lruHits(trace, 1000);
    assert.ok(shelf.hits >= least * lru, `${shelf.hits} hits, LRU ${lru}`);
  }
});

test('bytes and sizes are those of what is in, and what is removed is out', () => {
  const shelf = new Shelf(50);
  for (let key = 0; key < 500; key++) shelf.ask(key % 60);
  assert.deepEqual([shelf.rule.size, shelf.rule.bytes], [50, 50]);
  for (let key = 0; key < 60; key++) shelf.forget(key);
  assert.deepEqual([shelf.rule.size, shelf.rule.bytes, shelf.rule.evict()], [0, 0, undefined]);
  assert.equal(shelf.rule.fixedBytes, 4096 * 8);
});
