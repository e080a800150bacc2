import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { controlSocketPath, openControlSocket } from '../../../../../frontend/http/admin/socket.ts';
import type { ApplyRequest, ControlCalls } from '../../../../../frontend/http/admin/socket.ts';
import { folderWith } from '../../../../support/config-files.ts';

function post(socketPath: string, path: string, body: string): Promise<{ status: number | undefined; body: unknown }> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method: 'POST', path }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) as unknown }));
    });
    call.on('error', reject).end(body);
  });
}

/** Nothing is done, and every other request is answered with its own path. */
const CALLS: ControlCalls = {
  apply: async () => ({}), backup: async (request) => request, stop: async () => ({ pid: 1 }),
  admin: (request, response) => void response.writeHead(404, { connection: 'close' }).end(JSON.stringify({ path: request.url })),
};

test('the socket is for this user alone, takes a file and gives its answer', async (t) => {
  const folder = folderWith(t);
  const taken: ApplyRequest[] = [];
  const socket = await openControlSocket(folder, { ...CALLS, apply: async (given) => {
    taken.push(given);
    return { ok: true };
  } });
  assert.equal(statSync(join(folder, 'control')).mode & 0o777, 0o700);
  const sent = { path: '/t.yaml', content: 'x: ä', dryRun: true };
  assert.deepEqual(await post(controlSocketPath(folder), '/apply', JSON.stringify(sent)), { status: 200, body: { ok: true } });
  assert.deepEqual(taken, [sent]);
  for (const body of ['{', 'null', '{"path": 1}']) assert.equal((await post(controlSocketPath(folder), '/apply', body)).status, 400);
  assert.deepEqual(await post(controlSocketPath(folder), '/admin/x', '{}'), { status: 404, body: { path: '/admin/x' } });
  await socket.close();
});

test('it takes a stop, and where to put a copy of the state: an absolute path', async (t) => {
  const folder = folderWith(t);
  const socket = await openControlSocket(folder, CALLS);
  assert.deepEqual(await post(controlSocketPath(folder), '/stop', ''), { status: 200, body: { pid: 1 } });
  assert.deepEqual(await post(controlSocketPath(folder), '/backup', '{"folder":"/x"}'), { status: 200, body: { folder: '/x' } });
  for (const body of ['{"folder":"x"}', '{}', '']) assert.equal((await post(controlSocketPath(folder), '/backup', body)).status, 400);
  await socket.close();
});

test('what a killed broker left is replaced', async (t) => {
  const folder = folderWith(t, { 'control/other': '' });
  writeFileSync(join(folder, 'control/broker.sock'), '');
  const socket = await openControlSocket(folder, CALLS);
  assert.equal((await post(controlSocketPath(folder), '/else', '{}')).status, 404);
  await socket.close();
});

test('a state folder that is too long for the kernel is refused by name', () => {
  assert.throws(() => controlSocketPath(`/${'x'.repeat(120)}`), /too long for a socket/u);
});
