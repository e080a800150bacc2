import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerTest, findingText, type ContainerTestWords } from '../../../../frontend/cli/container-test.ts';

test('a verdict in words', () => {
  const about = { check: 'rows', promise: 'answers' };
  assert.equal(findingText({ ...about, verdict: { kind: 'passed' } }), 'passed          rows: answers');
  assert.equal(findingText({ ...about, verdict: { kind: 'not_applicable', why: 'there is none' } }), 'not applicable  rows: there is none');
  assert.equal(findingText({ ...about, verdict: { kind: 'failed', expected: 'two', came: 'one' } }), 'FAILED          rows: answers\n    expected two\n    came     one');
});

test('words that mean nothing are refused before anything is started', async () => {
  const words: ContainerTestWords = { command: ['/nonexistent/container'], limitMs: '100', startMs: '100' };
  const wrong: readonly (readonly [Partial<ContainerTestWords>, RegExp])[] = [
    [{ command: [] }, /say the command/u], [{ only: 'hello,nothing' }, /no check nothing; there are hello, watchdog/u], [{ skip: 'x' }, /no check x/u],
    [{ row: '{' }, /--row is not JSON/u], [{ input: '{"name":"x"}' }, /--input\.dtype is no dtype/u], [{ echo: true, input: '[]' }, /leave --input out/u], [{ limitMs: '0' }, /--limit-ms is not a number of milliseconds/u],
  ];
  for (const [more, message] of wrong) await assert.rejects(containerTest({ ...words, ...more }, () => assert.fail('nothing is to be printed')), message);
});

test('a program that is not there fails every check, in words', async () => {
  const lines: string[] = [];
  await assert.rejects(containerTest({ command: ['/nonexistent/container'], only: 'hello,rows', json: true, limitMs: '5000', startMs: '5000' }, (line) => lines.push(line)), /0 passed, 2 failed/u);
  const report = JSON.parse(lines.join('')) as { failed: number; checks: readonly { verdict: string; came: string }[] };
  assert.equal(report.failed, 2);
  for (const { verdict, came } of report.checks) assert.match(`${verdict} ${came}`, /^failed the process could not be started; its last words: spawn \/nonexistent\/container ENOENT/u);
});
