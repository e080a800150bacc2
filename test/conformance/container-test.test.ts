import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { describe, test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { processTree } from '../../bench/peers/process-tree.ts';
import { CHECKS, type Finding, runChecks } from '../../frontend/cli/container-test/run-checks.ts';
import { until } from '../support/broker-process.ts';

const WAYWARD = fileURLToPath(new URL('../support/containers/wayward.ts', import.meta.url));
const TRADEWIND = fileURLToPath(new URL('../../frontend/cli/tradewind.ts', import.meta.url));
const LIMIT_MS = 4000;

/** Each way in which a container can depart from the contract, and the one check that it fails. */
const DEPARTURES: readonly (readonly [departs: string, check: string, came: RegExp])[] = [
  ['another-version', 'hello', /trial@1/],
  ['half-a-token', 'hello', /text of 8 characters/],
  ['another-pid', 'watchdog', /pid 1 for/],
  ['one-heartbeat', 'watchdog', /nothing within/],
  ['no-credit-back', 'credits', /credit 0/],
  ['flips-a-bit', 'dtypes', /48 bytes, byte 9 being/],
  ['another-dtype', 'dtypes', /^int32$/],
  ['leaves-one-out', 'rows', /1 rows left out/],
  ['one-twice', 'rows', /row 3 twice/],
  ['no-ragged', 'ragged', /done\.error bad_input: ragged/],
  ['megabytes-hang', 'big', /nothing within/],
  ['all-outputs', 'wanted', /outputs r, words, x/],
  ['any-output', 'misfit', /2 rows answered/],
  ['any-input', 'misfit', /0 rows answered|2 rows answered|the connection closed/],
  ['another-code', 'misfit', /model_error/],
  ['fails-them-all', 'row-errors', /done\.error model_error: thirteen/],
  ['known-keys-only', 'unknown-keys', /goodbye protocol_error \(an unknown key\)/],
  ['known-kinds-only', 'unknown-keys', /the connection closed/],
  ['narrow-msgpack', 'encodings', /goodbye protocol_error \(a map32\)/],
  ['any-memory', 'shared-memory', /^`shared`$/],
  ['another-place', 'shared-memory', /\d+ bytes, byte \d+ being|0 rows answered|bad_input/],
  ['one-read-one-frame', 'pieces', /goodbye protocol_error \(half a prefix\)/],
  ['forgets-cancelled', 'cancel', /nothing within/],
  ['two-credits-back', 'overload', /^4$/],
  ['one-at-a-time', 'overload', /nothing within/],
  ['drops-at-drain', 'drain', /the connection closed|ended with code 0/],
  ['another-farewell', 'drain', /goodbye bye/],
  ['ignores-sigterm', 'sigterm', /nothing within/],
  ['outlives-its-broker', 'vanished-broker', /still runs/],
  ['deaf-watchdog', 'lost-watchdog', /still runs/],
  ['no-goodbye', 'garbage', /the connection closed/],
  ['any-version', 'wire-version', /nothing within/],
  ['waits-for-length', 'too-long', /nothing within/],
  ['another-word', 'not-msgpack', /goodbye oops/],
  ['any-lengths', 'wrong-lengths', /nothing within/],
  ['any-direction', 'wrong-way', /nothing within/],
  ['stays-unwelcome', 'unwelcome', /still runs/],
  ['no-words', 'no-broker', /^nothing$/],
  ['never-dials-again', 'redial', /ended with code 1/],
  ['waits-for-ever', 'silence', /still runs/],
];

/** Those that fail are waited for, as long as `LIMIT_MS`: some at a time, since waiting costs nothing. */
const TOGETHER = 4;

function check(departs: string | undefined, checks = CHECKS): Promise<readonly Finding[]> {
  const env = { TRADEWIND_OPTIONS: JSON.stringify(departs === undefined ? {} : { departs }) };
  const failingRow = { x: 13, words: 'w', r: [1, 2] };
  return runChecks({ command: [process.execPath, WAYWARD], env, failingRow, echo: true, startMs: 20_000, limitMs: LIMIT_MS, silenceMs: 2500 }, checks);
}

test('a container that keeps the contract passes every check, and each applies to it', async () => {
  const findings = await check(undefined);
  assert.deepEqual(findings.filter(({ verdict }) => verdict.kind !== 'passed'), []);
  assert.equal(findings.length, CHECKS.length);
});

/** The processes that the command has started: those of a container are in a group of their own. */
const startedBy = (command: ChildProcess): readonly number[] => processTree(command.pid ?? 0).filter((pid) => pid !== command.pid);

function commandOn(t: TestContext, container: string, more: readonly string[] = []): { command: ChildProcess; folder: string; said: Promise<string> } {
  const folder = mkdtempSync(join(tmpdir(), 'container-test-'));
  const command = spawn(process.execPath, [TRADEWIND, 'container-test', ...more, '--', process.execPath, '--input-type=module', '-e', container], { env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => {
    for (const pid of startedBy(command)) process.kill(pid, 'SIGKILL');
    command.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return { command, folder, said: text(command.stdout ?? assert.fail()) };
}

/** Where a container has written down whom it leaves: it lies beside its socket, in a folder that goes with the test. */
function pidFileIn(folder: string): number | undefined {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.pid'));
  const pid = found === undefined ? 0 : Number(readFileSync(join(folder, found), 'utf8'));
  return pid > 0 ? pid : undefined;
}

const WIRE = JSON.stringify(new URL('../../protos/wire.ts', import.meta.url).href);
/** It says hello, is welcome, and has no credit to give. */
const MISERLY = `
  import { readFileSync } from 'node:fs';
  import { connect } from 'node:net';
  import { controlFrame, FRAME } from ${WIRE};
  const { TRADEWIND_CONNECT: at, TRADEWIND_MODEL: model, TRADEWIND_VERSION: version } = process.env;
  const inputs = [{ name: 'x', dtype: 'float32', shape: [] }];
  const socket = connect(at.slice('unix:'.length));
  socket.write(controlFrame(FRAME.hello, { wire: 1, role: 'worker', pid: process.pid, model, version: Number(version), token: readFileSync(3, 'utf8'), inputs }));
  setInterval(() => {}, 1000);
`;

test('a test that is interrupted leaves neither the container nor the folder', async (t) => {
  const { command, folder } = commandOn(t, 'setInterval(() => {}, 1000)');
  const [pid] = await until('a container', () => (startedBy(command).length > 0 ? startedBy(command) : undefined));
  command.kill('SIGINT');
  assert.deepEqual(await once(command, 'exit'), [130, null]);
  await until('no container', () => !existsSync(`/proc/${pid}`));
  assert.deepEqual(readdirSync(folder), []);
});

test('a container that leaves a process outside its group keeps nobody from ending', async (t) => {
  const { command, folder, said } = commandOn(t, `
    import { spawn } from 'node:child_process';
    import { writeFileSync } from 'node:fs';
    const left = spawn('sleep', ['60'], { detached: true, stdio: ['ignore', 'ignore', 'inherit', 3] });
    writeFileSync(process.env.TRADEWIND_CONNECT.slice('unix:'.length) + '.pid', String(left.pid));
    process.exit(3);
  `);
  const left = await until('the one that is left', () => pidFileIn(folder));
  t.after(() => process.kill(left, 'SIGKILL'));
  assert.deepEqual(await once(command, 'exit'), [1, null]);
  assert.match(await said, /the process ended with code 3[^]*0 passed, 1 failed/u);
});

test('a connection that begins with another frame than hello, or with none, is told so', async (t) => {
  for (const [sent, came] of [['controlFrame(FRAME.credit, { n: 1 })', /a frame first that is no hello: credit/u], ['Buffer.alloc(16, "GET / HTTP/1.1")', /does not begin with "TW"/u]] as const) {
    const { command, said } = commandOn(t, `
      import { connect } from 'node:net';
      import { controlFrame, FRAME } from ${WIRE};
      connect(process.env.TRADEWIND_CONNECT.slice('unix:'.length)).on('error', () => {}).write(${sent});
      setInterval(() => {}, 1000);
    `);
    assert.deepEqual(await once(command, 'exit'), [1, null]);
    assert.match(await said, came);
  }
});

test('a container that fails one check after another has one process at a time', async (t) => {
  const { command, said } = commandOn(t, MISERLY, ['--only', 'hello,credits,rows,cancel,drain,sigterm', '--limit-ms', '1000']);
  let most = 0;
  command.stdout?.on('data', () => { most = Math.max(most, startedBy(command).length); });
  assert.deepEqual(await once(command, 'exit'), [1, null]);
  assert.match(await said, /passed {10}hello[^]*FAILED {10}credits[^]*expected credits after the welcome[^]*1 passed, 5 failed/u);
  assert.ok(most <= 1, `${most} at a time`);
});

test('each check can fail', () => {
  assert.deepEqual(CHECKS.map(({ name }) => name).filter((name) => !DEPARTURES.some(([, failed]) => failed === name)), []);
});

describe('a container that departs from the contract in one thing fails the check of it, and no other', { concurrency: TOGETHER }, () => {
  for (const [departs, name, came] of DEPARTURES) {
    test(`${departs}: ${name}`, async () => {
      const findings = await check(departs, neighbours(name));
      assert.deepEqual(findings.filter(({ verdict }) => verdict.kind !== 'passed').map((finding) => finding.check), [name]);
      const verdict = findings.find((finding) => finding.check === name)?.verdict;
      assert.match(verdict?.kind === 'failed' ? verdict.came : '', came);
    });
  }
});

const SHARED = ['credits', 'dtypes', 'rows', 'ragged', 'big', 'wanted', 'misfit', 'row-errors', 'encodings', 'pieces', 'cancel'];

/**
 * Where the check is made with the process that several share: all of those, which cost little; else that check alone. With
 * TRADEWIND_DEEP set, all checks there are: a minute or two.
 */
function neighbours(name: string): typeof CHECKS {
  if (process.env['TRADEWIND_DEEP'] !== undefined) return CHECKS;
  return SHARED.includes(name) ? CHECKS.filter((one) => SHARED.includes(one.name)) : CHECKS.filter((one) => one.name === name);
}
