import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { folderWith } from '../support/config-files.ts';
import { tradewind } from '../support/tradewind-command.ts';

const HEAD = 'listen: { http: 127.0.0.1:0 }\nlog: { level: silent }\nmodels:\n';
const model = (name: string): string => `  - { name: ${name}, version: 1, container: synthetic, replicas: 0 }\n`;

test('apply changes the running broker, dry-run and faults do not, and a second broker is turned away', async (t) => {
  const cwd = folderWith(t, { 't.yaml': HEAD + model('m') });
  const broker = tradewind(['serve', '--config', 't.yaml'], { cwd });
  t.after(() => broker.child.kill('SIGKILL'));
  const [, url = ''] = /listens on (\S+)/u.exec(await broker.said(/listens on \S+\n/u)) ?? [];
  const names = async (): Promise<string[]> => {
    const { models } = (await (await fetch(`${url}/admin/models`)).json()) as { models: { name: string }[] };
    return models.map(({ name }) => name);
  };
  assert.deepEqual(await names(), ['m']);

  writeFileSync(join(cwd, 't.yaml'), HEAD + model('m') + model('n'));
  const dry = await tradewind(['apply', 't.yaml', '--dry-run'], { cwd }).ended;
  assert.deepEqual([dry.code, dry.out], [0, 'Would change:\n+ model n@1\n']);
  assert.deepEqual(await names(), ['m']);
  const applied = await tradewind(['apply', 't.yaml'], { cwd }).ended;
  assert.deepEqual([applied.code, applied.out], [0, 'Changed:\n+ model n@1\n']);
  assert.deepEqual(await names(), ['m', 'n']);

  writeFileSync(join(cwd, 't.yaml'), `${HEAD}${model('m')}apps:\n  - { name: a, arms: [n] }\n`);
  const wrong = await tradewind(['apply', 't.yaml'], { cwd }).ended;
  assert.equal(wrong.code, 1);
  assert.match(wrong.err, /there is no model "n"/u);
  assert.deepEqual(await names(), ['m', 'n']);

  writeFileSync(join(cwd, 't.yaml'), HEAD + model('m'));
  const second = await tradewind(['serve', '--config', 't.yaml'], { cwd, env: { TRADEWIND_LOG_LEVEL: 'silent' } }).ended;
  assert.equal(second.code, 1);
  assert.match(second.err, /^tradewind: .*\.tradewind is in use by another broker/mu);
  broker.child.kill('SIGTERM');
  assert.equal((await broker.ended).code, 0);
});
