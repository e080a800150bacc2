import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import { until } from '../support/broker-process.ts';
import { makeAuthority } from '../support/certificates.ts';
import { folderWith } from '../support/config-files.ts';
import { askSecurely } from '../support/door-tls.ts';
import { PYTHON_KIT } from '../support/python-kit.ts';
import { tradewind } from '../support/tradewind-command.ts';

const CLIENT = fileURLToPath(new URL('../../frontend/client/client.ts', import.meta.url));
const YAML = `listen: { http: "127.0.0.1:0", grpc: "127.0.0.1:0", tls: { cert: cert.pem, key: key.pem, ca: ca.pem, client_auth: request } }
models:
  - { name: m, version: 1, container: synthetic, replicas: 0, input: { dtype: float32, shape: [1] }, output: { kind: value } }
apps:
  - { name: a, arms: [m], default: 7 }
`;

/** What a program said, once it has ended well. */
function said(command: string, args: readonly string[], env: Readonly<Record<string, string>>, cwd = process.cwd()): Promise<string> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => { text += piece; });
  return new Promise((resolve, reject) => child.once('close', (code) => (code === 0 ? resolve(text) : reject(new Error(`${command} ended with ${code}: ${text}`)))));
}

test('a broker speaks TLS on both doors to its own clients, and shows new certificates without a restart', async (t) => {
  const authority = makeAuthority(t);
  const cwd = folderWith(t, { 't.yaml': YAML });
  const put = ({ certFile, keyFile }: { certFile: string; keyFile: string }): void => {
    copyFileSync(certFile, join(cwd, 'cert.pem'));
    copyFileSync(keyFile, join(cwd, 'key.pem'));
  };
  copyFileSync(authority.certFile, join(cwd, 'ca.pem'));
  put(authority.issue('first', 3));
  const broker = tradewind(['serve', '--config', 't.yaml'], { cwd });
  t.after(() => broker.child.kill('SIGKILL'));
  let log = '';
  broker.child.stderr?.on('data', (text: string) => { log += text; });
  const [, url = ''] = /listens on (https:\S+)/u.exec(await broker.said(/listens on \S+\n/u)) ?? [];
  const port = Number(new URL(url).port);
  const subject = async (): Promise<string> => (await askSecurely({ port, ca: authority.cert, path: '/healthz' })).subject;
  assert.equal(await subject(), 'first');
  assert.match(await broker.said(/Try it:\n.*\n/u), /curl -s --cacert \S*cert\.pem https:/u);

  await t.test('the command line, with the authority and with a certificate of its own', async () => {
    const client = authority.issue('client');
    const asked = await tradewind(['predict', 'a', '[1]', '--url', url, '--ca', 'ca.pem', '--cert', client.certFile, '--key', client.keyFile], { cwd }).ended;
    assert.deepEqual([asked.code, asked.out.split('\n')[0]], [4, '7'], asked.err);
    const stranger = makeAuthority(t).issue('client');
    const refused = await tradewind(['apps', '--url', url, '--ca', 'ca.pem', '--cert', stranger.certFile, '--key', stranger.keyFile], { cwd }).ended;
    assert.deepEqual([refused.code, /cannot be reached/u.test(refused.err)], [3, true], refused.err);
    const unsure = await tradewind(['apps', '--url', url], { cwd }).ended;
    assert.match(unsure.err, /cannot be reached: its certificate is not trusted: [^;]+ \([A-Z_]+\)\. Say --ca FILE/u);
  });

  await t.test('the TypeScript client, by the authorities that Node is told of', async () => {
    const program = `import { createClient } from ${JSON.stringify(CLIENT)}; console.log((await createClient({ url: ${JSON.stringify(url)} }).predict('a', { input: [1] })).output);`;
    assert.equal(await said(process.execPath, ['--input-type=module', '-e', program], { NODE_EXTRA_CA_CERTS: join(cwd, 'ca.pem') }), '7\n');
  });

  await t.test('the Python client, and its asyncio twin, by the authority that they are given', async () => {
    const program = `import asyncio, ssl, sys
sys.path.insert(0, ${JSON.stringify(PYTHON_KIT)})
from tradewind.client.client import Client
from tradewind.client.async_client import AsyncClient
from tradewind.client.problem import BrokerUnreachable
tls = ssl.create_default_context(cafile="ca.pem")
async def ask():
    async with AsyncClient(${JSON.stringify(url)}, tls=tls) as client:
        return (await client.predict("a", [1])).output
print(Client(${JSON.stringify(url)}, tls=tls).predict("a", [1]).output, asyncio.run(ask()))
try:
    Client(${JSON.stringify(url)}, retries=0).predict("a", [1])
except BrokerUnreachable as error:
    print("CERTIFICATE_VERIFY_FAILED" in str(error))
`;
    assert.equal(await said('python3', ['-c', program], {}, cwd), '7 7\nTrue\n');
  });

  await t.test('gRPC, and the metric of the certificate\'s end', async () => {
    const grpc = await until('told where gRPC is', () => /"grpc":"127\.0\.0\.1:(\d+)"/u.exec(log)?.[1]);
    const client = new Client(`localhost:${grpc}`, credentials.createSsl(Buffer.from(authority.cert)));
    const same = (bytes: Buffer): Buffer => bytes;
    const live = await new Promise<Buffer | undefined>((resolve, reject) => client.makeUnaryRequest('/inference.GRPCInferenceService/ServerLive', same, same, Buffer.alloc(0), (error, answer) => (error === null ? resolve(answer) : reject(error))));
    assert.deepEqual([...live ?? []], [8, 1]);
    client.close();
    const { text } = await askSecurely({ port, ca: authority.cert, path: '/metrics' });
    const ends = Number(/^tradewind_certificate_end_seconds (\S+)$/mu.exec(text)?.[1]) - Date.now() / 1000;
    assert.ok(ends > 2.9 * 86_400 && ends < 3.1 * 86_400, String(ends));
  });

  await t.test('SIGHUP and apply show the new one; one that is broken is said loudly, and the old one goes on', async () => {
    put(authority.issue('second'));
    broker.child.kill('SIGHUP');
    await until('renewed', () => log.includes('show another certificate'));
    assert.equal(await subject(), 'second');
    writeFileSync(join(cwd, 'key.pem'), 'broken');
    broker.child.kill('SIGHUP');
    await until('said', () => /"level":50.*cannot be renewed; the one of before goes on/u.test(log));
    assert.equal(await subject(), 'second');
    const refused = await tradewind(['apply', 't.yaml'], { cwd }).ended;
    assert.match(refused.err, /key\.pem holds no private key that can be read/u);
    put(authority.issue('third'));
    const before = await tradewind(['apply', 't.yaml', '--dry-run'], { cwd }).ended;
    assert.match(before.out, /^The doors would show another certificate: \S+cert\.pem, which ends on \d{4}-\d\d-\d\d\.\n$/u);
    assert.equal(await subject(), 'second');
    const applied = await tradewind(['apply', 't.yaml'], { cwd }).ended;
    assert.deepEqual([applied.code, applied.out], [0, before.out.replace('would show', 'show')]);
    assert.equal(await subject(), 'third');
    assert.equal((await tradewind(['apply', 't.yaml'], { cwd }).ended).out, 'Nothing changes.\n');
  });

  broker.child.kill('SIGTERM');
  assert.equal((await broker.ended).code, 0);
});

test('a broker whose certificate is none does not start, and says which file', async (t) => {
  const cwd = folderWith(t, { 't.yaml': YAML, 'cert.pem': 'nothing', 'key.pem': 'nothing', 'ca.pem': 'nothing' });
  const { code, err } = await tradewind(['serve', '--config', 't.yaml'], { cwd }).ended;
  assert.equal(code, 1);
  assert.match(err, /listen\.tls\.cert: \S+cert\.pem holds no certificate/u);
});
