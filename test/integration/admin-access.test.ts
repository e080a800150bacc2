import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { BrokerProcess, until } from '../support/broker-process.ts';

const OLD = 'the-old-secret-of-the-file';
const NEW = 'the-new-secret-of-the-file';
const YAML = 'admin: { token_file: token }\nmodels:\n  - { name: m, version: 1, container: synthetic, output: { kind: value } }\n';

const broker = await BrokerProcess.start({ after }, { yaml: YAML, files: { token: OLD } });
const { port } = new URL(broker.url);

/** Headers as they are, Host too: fetch would not send them. */
function call(method: string, path: string, headers: Record<string, string>, body?: string): Promise<{ status: number | undefined; code: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('end', () => resolve({ status: response.statusCode, code: (JSON.parse(text) as { error?: { code: string } }).error?.code }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const bearer = (secret: string): Record<string, string> => ({ authorization: `Bearer ${secret}` });
const JSON_TYPE = { 'content-type': 'application/json' };
const LEVEL = '{"level":"info"}';

test('without its token, or with another, nobody reads or changes anything', async () => {
  for (const headers of [{}, bearer('wrong-secret-of-nobody'), { authorization: `Basic ${Buffer.from(`admin:${OLD}`).toString('base64')}` }, { authorization: OLD }]) {
    assert.deepEqual(await call('GET', '/admin/state', headers), { status: 401, code: 'unauthenticated' });
    assert.deepEqual(await call('PUT', '/admin/log', { ...headers, ...JSON_TYPE }, LEVEL), { status: 401, code: 'unauthenticated' });
  }
  assert.equal((await call('GET', '/admin/state', bearer(OLD))).status, 200);
});

test('a page of another site changes nothing, whatever the browser lets it send', async () => {
  const put = (headers: Record<string, string>): ReturnType<typeof call> => call('PUT', '/admin/log', { ...bearer(OLD), ...JSON_TYPE, ...headers }, LEVEL);
  assert.equal((await put({})).status, 200);
  for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { origin: `http://localhost.evil.example:${port}` }]) {
    assert.deepEqual(await put(headers as Record<string, string>), { status: 403, code: 'cross_origin' }, JSON.stringify(headers));
  }
  // What a form can send without asking first.
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) assert.equal((await put({ 'content-type': type })).status, 415, type);
});

test('a name of somebody else\'s in Host reaches nothing (DNS rebinding)', async () => {
  for (const host of ['evil.example', `evil.example:${port}`, 'localhost:1', '127.0.0.1.nip.example']) assert.deepEqual(await call('GET', '/admin/state', { host, ...bearer(OLD) }), { status: 421, code: 'wrong_host' }, host);
});

test('a path that climbs, or names what is no name, leads nowhere', async () => {
  for (const path of ['/admin/models/..%2f..%2fetc/versions/1', '/admin/apps/%2e%2e', '/admin/models/__proto__', '/admin/models/%00', `/admin/apps/${'x'.repeat(300)}`]) {
    const { status = 0 } = await call('GET', path, bearer(OLD));
    assert.ok(status >= 400 && status < 500, `${path}: ${status}`);
  }
});

test('the file is changed and read again: the old secret is refused from then on; a broken file changes nothing', async () => {
  writeFileSync(join(broker.folder, 'token'), NEW);
  broker.signal('SIGHUP');
  await until('the new secret is taken', async () => (await call('GET', '/admin/state', bearer(NEW))).status === 200);
  assert.equal((await call('GET', '/admin/state', bearer(OLD))).status, 401);
  writeFileSync(join(broker.folder, 'token'), 'short');
  broker.signal('SIGHUP');
  await until('the broken file is told', () => broker.log.some(({ msg }) => msg.includes('admin.token_file holds no token')));
  assert.equal((await call('GET', '/admin/state', bearer(NEW))).status, 200);
  assert.equal(broker.log.some((line) => JSON.stringify(line).includes(NEW) || JSON.stringify(line).includes(OLD)), false);
  await broker.stop();
});
