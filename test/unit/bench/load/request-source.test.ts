import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadSource } from '../../../../bench/load/request-source.ts';

const at = (file: string): string => new URL(`../../../../bench/load/${file}`, import.meta.url).href;

test('a module is loaded by its URL and makes a source from plain options', async () => {
  const source = await loadSource(at('listed-source.ts'), { requests: [{ path: '/p', host: 'h', body: 'x' }] });
  assert.match(Buffer.from(source.next(0)).toString(), /^POST \/p /);
});

test('a module that makes no source is refused by its name', async () => {
  await assert.rejects(loadSource(at('random.ts'), {}), /random\.ts exports no function createSource/);
});
