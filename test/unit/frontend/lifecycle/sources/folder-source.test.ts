import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { FolderSource } from '../../../../../frontend/lifecycle/sources/folder-source.ts';
import { RealClock } from '../../../../../frontend/runtime/real-clock.ts';
import { folderWith } from '../../../../support/config-files.ts';

const WORDS = 'container: synthetic\n';

/** A source over a folder of the test's; `told` resolves with what it tells next. */
function watching(t: TestContext, files: Readonly<Record<string, string>>) {
  const folder = folderWith(t, files);
  const clock = new RealClock();
  const said: string[] = [];
  const take = (_: object, message: string): void => void said.push(message.replaceAll(folder, ''));
  const source = new FolderSource({ spec: { folder, pollMs: 5 }, clock, epochMs: () => Date.now() + 60_000, dialAllow: [], log: { debug: take, info: take, warn: take, error: take } });
  const queue: string[] = [];
  let wake = (): void => undefined;
  let fault: Error | undefined;
  source.start(async ({ models, rules }) => {
    if (fault !== undefined) {
      const thrown = fault;
      fault = undefined;
      throw thrown;
    }
    queue.push(`${Object.keys(models).join(' ')} by ${JSON.stringify(rules)}`);
    wake();
  });
  t.after(() => {
    source.stop();
    clock.close();
  });
  const told = async (): Promise<string | undefined> => {
    while (queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    return queue.shift();
  };
  return { folder, source, said, told, failNext: (error: Error) => (fault = error) };
}

test('it tells what lies there, and tells again when that changes', async (t) => {
  const { folder, source, told, said } = watching(t, { 'm/1/model.yaml': WORDS });
  assert.equal(await told(), 'm@1 by {"m":{"versions":{"latest":1}}}');
  mkdirSync(join(folder, 'm', '.2'));
  writeFileSync(join(folder, 'm', '.2', 'model.yaml'), WORDS);
  renameSync(join(folder, 'm', '.2'), join(folder, 'm', '2'));
  assert.equal(await told(), 'm@2 m@1 by {"m":{"versions":{"latest":1}}}');
  writeFileSync(join(folder, 'm', 'model.yaml'), 'version_policy: all\n');
  assert.equal(await told(), 'm@2 m@1 by {"m":{"versions":"all"}}');
  rmSync(join(folder, 'm', '1'), { recursive: true });
  assert.equal(await told(), 'm@2 by {"m":{"versions":"all"}}');
  assert.deepEqual([said, source.status().refused], [[], []]);
});

test('words that become wrong leave what they said before, and what could not be told is told again', async (t) => {
  const { folder, source, told, said, failNext } = watching(t, { 'm/1/model.yaml': WORDS });
  await told();
  writeFileSync(join(folder, 'm', '1', 'model.yaml'), 'container: nonsense\n');
  mkdirSync(join(folder, 'n', '1'), { recursive: true });
  failNext(new Error('the disk is full'));
  writeFileSync(join(folder, 'n', '1', 'model.yaml'), WORDS);
  assert.match(`${await told()}`, /^m@1 n@1 by/u);
  assert.match(said.join('\n'), /not taken from a source: \/m\/1: container: is "nonsense"/u);
  assert.match(said.join('\n'), /^: what it holds could not be taken, and is tried again: the disk is full$/mu);
  assert.doesNotMatch(said.join('\n'), /cannot be read/u);
  assert.equal(source.status().refused.length, 1);
});

test('a version whose model comes after its words is told once it is whole, without a word of blame', async (t) => {
  const { folder, told, said } = watching(t, { 'm/1/model.yaml': 'container: onnx\npath: model.onnx\n', 'n/1/model.yaml': WORDS });
  assert.match(`${await told()}`, /^n@1 by/u);
  writeFileSync(join(folder, 'm', '1', 'model.onnx'), 'an onnx file');
  assert.match(`${await told()}`, /^m@1 n@1 by/u);
  assert.match(said.join('\n'), /^not taken from a source: \/m\/1: path: \/m\/1\/model\.onnx does not exist$/u);
});
