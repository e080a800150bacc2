import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { apply } from '../../../../frontend/cli/apply.ts';
import { openControlSocket, type ApplyRequest, type ControlSocket } from '../../../../frontend/http/admin/socket.ts';
import { folderWith } from '../../../support/config-files.ts';

const NONE = { added: [], changed: [], removed: [] };
const DIFF = { models: { added: ['m@2'], changed: [], removed: ['m@1'] }, labels: NONE, apps: { ...NONE, changed: ['a'] } };

async function applied(folder: string, dryRun = false): Promise<string> {
  const printed: string[] = [];
  await apply({ file: join(folder, 't.yaml'), dryRun, environment: {}, workingFolder: folder, print: (text) => void printed.push(text) });
  return printed.join('\n');
}

function answering(folder: string, answer: (request: ApplyRequest) => Promise<unknown>): Promise<ControlSocket> {
  const never = async (): Promise<never> => assert.fail('nobody asked for that');
  return openControlSocket(join(folder, '.tradewind'), { apply: answer, backup: never, stop: never, admin: () => assert.fail('nobody asked for that') });
}

test('the file goes to the broker, and its answer is shown', async (t) => {
  const folder = folderWith(t, { 't.yaml': 'drain_ms: 5\n' });
  const socket = await answering(folder, async ({ content, dryRun }) => {
    assert.deepEqual([content, dryRun], ['drain_ms: 5\n', true]);
    return { ok: true, changed: { diff: DIFF }, atNextStart: ['drain_ms'] };
  });
  t.after(() => socket.close());
  assert.match(await applied(folder, true), /^Would change:\n\+ model m@2[^]*drain_ms differs .* next start\.$/u);
});

test('what stands in other files is said, and that nothing changes only where it is so', async (t) => {
  const folder = folderWith(t, { 't.yaml': '{}' });
  let answer: object = { ok: true, changed: { diff: { models: NONE } }, atNextStart: [], readAgain: ['The doors show another certificate.'] };
  const socket = await answering(folder, async () => answer);
  t.after(() => socket.close());
  assert.equal(await applied(folder), 'The doors show another certificate.');
  answer = { ...answer, changed: { diff: { models: { ...NONE, added: ['m@1'] } } } };
  assert.equal(await applied(folder), 'Changed:\n+ model m@1\nThe doors show another certificate.');
  answer = { ok: true, changed: { diff: { models: NONE } }, atNextStart: [] };
  assert.equal(await applied(folder), 'Nothing changes.');
});

test('a refusal of the broker stops with its faults', async (t) => {
  const folder = folderWith(t, { 't.yaml': '{}' });
  const socket = await answering(folder, async () => ({ ok: false, faults: ['one', 'two'] }));
  t.after(() => socket.close());
  await assert.rejects(applied(folder), /2 faults; nothing was changed\.\none\ntwo/u);
});

test('no broker, no file and a wrong file are said as such', async (t) => {
  const folder = folderWith(t, { 't.yaml': '{}' });
  await assert.rejects(applied(folder), /no broker runs with state_dir/u);
  await assert.rejects(applied(join(folder, 'none')), /there is no such file/u);
  await assert.rejects(applied(folderWith(t, { 't.yaml': 'x: 1' })), /unknown key/u);
});
