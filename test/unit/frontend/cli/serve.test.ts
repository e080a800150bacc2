import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { serve } from '../../../../frontend/cli/serve.ts';
import type { StartBroker } from '../../../../frontend/cli/serve.ts';
import { folderWith } from '../../../support/config-files.ts';

const YAML = 'models: [{ name: m, version: 1, container: synthetic, input: { dtype: float32, shape: [2, 2] } }]\napps: [{ name: a, arms: [m], output: raw }]\n';

async function served(folder: string, startBroker: StartBroker = async () => ({ url: 'http://127.0.0.1:8000' })): Promise<string> {
  const printed: string[] = [];
  await serve({ config: join(folder, 't.yaml'), startBroker, print: (text) => void printed.push(text), environment: {}, workingFolder: folder });
  return printed.join('\n');
}

test('it says where it listens, and a call to paste', async (t) => {
  const text = await served(folderWith(t, { 't.yaml': YAML }));
  assert.match(text, /^Tradewind listens on http:\/\/127\.0\.0\.1:8000\n/u);
  assert.match(text, /curl -s http:\/\/127\.0\.0\.1:8000\/v1\/apps\/a\/predict -H 'content-type: application\/json' -d '\{"input":\[\[0,0\],\[0,0\]\]\}'$/u);
});

test('a sample beside the file is what the call sends', async (t) => {
  assert.match(await served(folderWith(t, { 't.yaml': YAML, 'sample.json': '{}' })), / -d @sample\.json$/u);
});

test('a wrong file starts nothing, and a start that fails is one sentence', async (t) => {
  await assert.rejects(served(folderWith(t, { 't.yaml': 'x: 1' }), async () => assert.fail('started')), /One fault.*\n.*unknown key/u);
  const inUse = Object.assign(new Error('raw'), { code: 'EADDRINUSE', address: '127.0.0.1', port: 8000 });
  await assert.rejects(served(folderWith(t, { 't.yaml': YAML }), async () => { throw inUse; }), /127\.0\.0\.1:8000 is in use/u);
});
