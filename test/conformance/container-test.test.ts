import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CHECKS, type Finding, runChecks } from '../../frontend/cli/container-test/run-checks.ts';

const WAYWARD = fileURLToPath(new URL('../support/containers/wayward.ts', import.meta.url));
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
