import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NoteStore } from '../../../../frontend/domain/note-store.ts';
import { LoadMemory } from '../../../../frontend/lifecycle/load-memory.ts';
import { makeModel } from '../../../support/specs.ts';

const MIB = 1024 * 1024;

function noteStore({ fails = false } = {}) {
  const notes = new Map<string, Uint8Array>();
  const saves: string[][] = [];
  const store: NoteStore = {
    loadNotes: async () => new Map(notes),
    saveNotes: async (_, more) => {
      if (fails) throw new Error('the disk is full');
      saves.push([...more.keys()]);
      for (const [name, record] of more) notes.set(name, record);
    },
  };
  return { store, notes, saves };
}

function opened(store: NoteStore, serving: Map<`${string}@${number}`, number>, freeBytes?: number) {
  const errors: string[] = [];
  const say = (): void => undefined;
  const log = { debug: say, info: say, warn: say, error: (_: object, message: string) => void errors.push(message) };
  const memory = LoadMemory.open({ serving: () => Array.from(serving, ([key, memoryMb]) => ({ key, memoryMb })), freeBytes: () => freeBytes, reserveBytes: 30, store, log });
  return { memory, errors };
}

test('what a model declares, else what was last seen of it, else of the version before it; of all replicas', async () => {
  const memory = await opened(noteStore().store, new Map([['m@1', 1], ['m@3', 3]]), 100).memory;
  assert.equal(memory.bytesOf(makeModel({ profile: { memoryMb: 5 }, replicas: 2 })), 10 * MIB);
  assert.equal(memory.bytesOf(makeModel()), undefined);
  memory.look();
  assert.deepEqual([1, 2, 4].map((version) => memory.bytesOf(makeModel({ version }))), [1 * MIB, 1 * MIB, 3 * MIB]);
  assert.equal(memory.bytesOf(makeModel({ version: 3, replicas: 4 })), 12 * MIB);
  assert.equal(memory.bytesOf(makeModel({ name: 'other' })), undefined);
  assert.equal(memory.availableBytes(), 70);
});

test('what was seen is known after a restart; what hardly moved is not written again', async () => {
  const { store, notes, saves } = noteStore();
  notes.set('broken@1', Buffer.from('much'));
  const serving = new Map<`${string}@${number}`, number>([['m@1', 200], ['n@1', 50]]);
  const first = await opened(store, serving).memory;
  first.look();
  await first.save();
  serving.set('m@1', 205).set('n@1', 80);
  first.look();
  await first.save();
  assert.deepEqual(saves, [['m@1', 'n@1'], ['n@1']]);
  const second = await opened(store, new Map()).memory;
  assert.deepEqual(['m', 'n', 'broken'].map((name) => second.bytesOf(makeModel({ name }))), [200 * MIB, 80 * MIB, undefined]);
  assert.equal(second.availableBytes(), undefined);
});

test('a disk that fails is said, and nothing else', async () => {
  const { memory, errors } = opened(noteStore({ fails: true }).store, new Map([['m@1', 7]]));
  (await memory).look();
  await (await memory).save();
  assert.deepEqual([errors, (await memory).bytesOf(makeModel())], [['the memory that models take could not be saved'], 7 * MIB]);
});
