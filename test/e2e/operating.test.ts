import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { BrokerProcess } from '../support/broker-process.ts';
import { Commands } from '../support/commands.ts';
import { requirePart } from '../support/requirements.ts';
import { COMMAND, tradewind, type Ended } from '../support/tradewind-command.ts';

const YAML = `
models:
  - { name: m, version: 1, container: synthetic, input: { dtype: float32, shape: [3] }, output: { kind: value }, cache: { enabled: true } }
apps:
  - { name: sums, arms: [m], slo_ms: 30000, default: -1 }
`;

const broker = await (await BrokerProcess.start({ after }, { yaml: YAML })).ready();
const commands = new Commands(broker);

test('cache, log level, tokens', async () => {
  await broker.predict('sums', { input: [1, 2, 3] });
  assert.match(await commands.said('cache'), /^\d+ answers, .*\nmodel +answers +memory\nm@1 +\d+ /u);
  assert.match(await commands.said('cache', 'm@1', '--clear'), /^[1-9]\d* answers were dropped\.\n$/u);
  assert.match(await commands.said('cache'), /^0 answers/u);
  await commands.refused(1, /There is no model "nobody"/u, 'cache', 'nobody');
  assert.match(await commands.said('models', 'm@1'), /^model[^]*m@1[^]*m@1\/1\.1/u);
  assert.equal(await commands.said('log-level', 'warn'), 'warn\n');
  assert.equal(await commands.said('log-level'), 'warn\n');
  await commands.refused(1, /invalid_config/u, 'log-level', 'loud');
  const secret = (await commands.said('token', 'add', 'ops')).trim();
  assert.match(await commands.said('token', 'list'), /ops +1 +admin/u);
  await commands.refused(1, /there is a token "ops" already/u, 'token', 'add', 'ops');
  const remote = (token: string, ...args: string[]): Promise<Ended> => tradewind([...args, '--url', broker.url], { cwd: broker.folder, env: { TRADEWIND_TOKEN: token } }).ended;
  assert.equal((await remote(secret, 'models')).code, 0);
  const wrong = await remote('wrong', 'models');
  assert.deepEqual([wrong.code, /unauthenticated/u.test(wrong.err)], [1, true]);
  const next = (await commands.said('token', 'rotate', 'ops', '--keep-old')).trim();
  assert.deepEqual([(await remote(secret, 'models')).code, (await remote(next, 'models')).code], [0, 0]);
  assert.match(await commands.said('token', 'retire', 'ops'), /^1 older secret is good no more\.$/mu);
  assert.deepEqual([(await remote(secret, 'models')).code, (await remote(next, 'models')).code], [1, 0]);
  await commands.said('token', 'rotate', 'ops');
  assert.equal((await remote(next, 'models')).code, 1);
  await commands.refused(1, /there is no token "nobody"/u, 'token', 'retire', 'nobody');
  await commands.said('token', 'remove', 'ops');
  assert.equal((await remote('', 'models')).code, 0);
  const files = readdirSync(join(broker.folder, 'state'), { recursive: true }).map((name) => join(broker.folder, 'state', String(name))).filter((file) => statSync(file).isFile());
  assert.deepEqual(files.filter((file) => readFileSync(file).includes(secret)), []);
});

test('the audit log says who did all that', async () => {
  await broker.admin('models/m/versions/1/replicas', { replicas: 1 });
  await broker.admin('apps/more', { arms: ['m'] });
  const { records } = await commands.json<{ records: { who: string; what: string }[] }>('audit', '--limit', '1000');
  assert.deepEqual([...new Set(records.map(({ who }) => who))].toSorted(), ['file', 'loopback', 'socket']);
  assert.match(await commands.said('audit', '--limit', '3'), /^when +who +what[^]*DELETE \/admin\/tokens\/ops +-ops/u);
});

test('on a terminal there is colour, within its width, and none where nobody wants it', { skip: requirePart('script') }, async () => {
  const onTerminal = (columns: number, env: Record<string, string> = {}): readonly string[] => {
    const command = `stty cols ${columns}; exec '${process.execPath}' '${COMMAND}' audit --limit 5`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: broker.folder, encoding: 'utf8', env: { ...process.env, NO_COLOR: '', TERM: 'xterm', TRADEWIND_STATE_DIR: join(broker.folder, 'state'), ...env } });
    return stdout.trimEnd().split('\r\n');
  };
  const narrow = onTerminal(60);
  assert.ok(narrow[0]?.startsWith('\u001B[2mwhen'), narrow[0]);
  assert.deepEqual(narrow.map((line) => stripVTControlCharacters(line)).filter((line) => line.length > 60), []);
  assert.ok(narrow.some((line) => line.includes('…')), narrow.join('\n'));
  assert.ok(!onTerminal(200).some((line) => line.includes('…')));
  assert.ok(!onTerminal(60, { NO_COLOR: '1' }).join('').includes('\u001B'));
  assert.ok(!(await commands.said('audit')).includes('\u001B'));
});

test('the doctor finds nothing wrong here, and says what is wrong elsewhere', async (t) => {
  assert.match(await commands.said('doctor', '--config', 'tradewind.yaml'), /good +broker: Tradewind/u);
  assert.match(await commands.said('doctor'), /^good +configuration: tradewind\.yaml is right/mu, 'the file that lies here is looked at as by the other commands');
  assert.match(await commands.said('doctor', '--state-dir', 'nowhere'), /^doubtful +configuration: none was looked at/mu);
  writeFileSync(join(broker.folder, 'sick.yaml'), `listen: { http: "${new URL(broker.url).host}", grpc: none }\nstate_dir: sick\nadmin: { token_file: token }\nstorage: { feedback: "redis://127.0.0.1:1/0" }\nmodels:\n  - { name: p, version: 1, container: python, path: p.py, options: { python: ./no-python }, output: { kind: value } }\n`);
  writeFileSync(join(broker.folder, 'token'), randomBytes(24).toString('hex'), { mode: 0o644 });
  writeFileSync(join(broker.folder, 'p.py'), '');
  writeFileSync(join(broker.folder, 'no-python'), '#!/bin/sh\necho "no module named numpy" >&2\nexit 1\n', { mode: 0o755 });
  const { code, out } = await tradewind(['doctor', '--config', 'sick.yaml', '--json'], { cwd: broker.folder }).ended;
  const { findings } = JSON.parse(out) as { findings: { check: string; verdict: string }[] };
  t.diagnostic(out);
  assert.equal(code, 1);
  assert.deepEqual(findings.filter(({ verdict }) => verdict !== 'good').map(({ check, verdict }) => `${verdict} ${check.split(' ')[0]}`), ['bad listen.http', 'doubtful admin.token_file', 'bad redis', 'bad python']);
});

test('a backup is taken under way, damaged ones are refused, and a broker starts again from it', async (t) => {
  const { decision_id: decision } = await commands.json<{ decision_id: string }>('predict', 'sums', '[1,2,3]');
  await commands.said('feedback', decision, '--reward', '1');
  await commands.said('label', 'm', 'stable', '1');
  assert.match(await commands.said('backup', 'b.tar'), /tradewind\.sqlite and feedback\.sqlite, each with its checksum/u);
  await commands.refused(1, /is there already/u, 'backup', 'b.tar');
  await commands.refused(1, /a broker runs with state_dir .*: stop it first/u, 'restore', 'b.tar');
  const elsewhere = join(broker.folder, 'elsewhere');
  const restore = (file: string, ...more: string[]): Promise<Ended> => tradewind(['restore', file, '--state-dir', elsewhere, ...more], { cwd: broker.folder }).ended;
  copyFileSync(join(broker.folder, 'b.tar'), join(broker.folder, 'cut.tar'));
  truncateSync(join(broker.folder, 'cut.tar'), 20_000);
  const bytes = readFileSync(join(broker.folder, 'b.tar'));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
  writeFileSync(join(broker.folder, 'flipped.tar'), bytes);
  writeFileSync(join(broker.folder, 'text.tar'), 'x'.repeat(4096));
  for (const [file, says] of [['cut.tar', /it was cut off/u], ['flipped.tar', /checksum is wrong/u], ['text.tar', /no tar archive/u], ['none.tar', /no such file/u]] as const) {
    const { code, err } = await restore(file);
    assert.deepEqual([code, says.test(err)], [1, true], err);
    assert.equal(existsSync(join(elsewhere, 'tradewind.sqlite')), false);
  }
  assert.equal((await restore('b.tar')).code, 0);
  assert.match((await restore('b.tar')).err, /holds state already: --replace/u);
  appendFileSync(join(elsewhere, 'tradewind.sqlite'), 'broken');
  assert.match((await restore('b.tar', '--replace')).out, /What was there is in .*replaced-/u);
  const second = await (await BrokerProcess.start(t, { folder: broker.folder, env: { TRADEWIND_STATE_DIR: elsewhere } })).ready();
  assert.equal((await (await fetch(`${second.url}/admin/models/m/labels/stable`)).json() as { version: number }).version, 1);
  const again = await (await fetch(`${second.url}/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ decision_id: decision, reward: 1 }) })).json() as { status?: string; results?: unknown };
  assert.match(JSON.stringify(again), /repeated/u);
  await second.stop();
});

test('without a broker: stop, backup of the files, and what is refused', async () => {
  assert.match(await commands.said('stop'), /^The broker \(pid \d+\) has stopped\.\n$/u);
  assert.deepEqual(await broker.ended, { code: 0, signal: null });
  await commands.refused(3, /no broker runs with state_dir/u, 'status');
  await commands.refused(3, /no broker runs with state_dir/u, 'stop');
  await commands.refused(3, /cannot be reached/u, 'status', '--url', 'http://127.0.0.1:1');
  await commands.refused(2, /is no address of a broker/u, 'status', '--url', 'ftp://x');
  await commands.refused(2, /unknown option/u, 'status', '--frob');
  assert.match(await commands.said('backup', 'stopped.tar'), /tradewind\.sqlite and feedback\.sqlite/u);
});
