import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerTest, findingText, type ContainerTestWords } from '../../../../frontend/cli/container-test.ts';

test('a verdict in words', () => {
  const about = { check: 'rows', promise: 'answers' };
  assert.equal(findingText({ ...about, verdict: { kind: 'passed' } }), 'passed          rows: answers');
  assert.equal(findingText({ ...about, verdict: { kind: 'not_applicable', why: 'there is none' } }), 'not applicable  rows: there is none');
  assert.equal(findingText({ ...about, verdict: { kind: 'failed', expected: 'two', came: 'one' } }), 'FAILED          rows: answers\n    expected two\n    came     one');
});

test('what a container said is shown without its escape codes', () => {
  const said = findingText({ check: 'hello', promise: 'says hello', verdict: { kind: 'failed', expected: 'a hello', came: 'its last words: \u001B[2Jboom\u0007' } });
  assert.match(said, /came {5}its last words: boom ?$/u);
});

test('words that mean nothing are refused before anything is started', async () => {
  const words: ContainerTestWords = { command: ['/nonexistent/container'], limitMs: '100', startMs: '100' };
  const wrong: readonly (readonly [Partial<ContainerTestWords>, RegExp])[] = [
    [{ command: [] }, /say the command/u], [{ only: 'hello,nothing' }, /no check nothing; there are hello, watchdog/u], [{ skip: 'x' }, /no check x/u],
    [{ row: '{' }, /--row is not JSON/u], [{ input: '{"name":"x"}' }, /--input\.dtype is no dtype/u], [{ echo: true, input: '[]' }, /leave --input out/u], [{ limitMs: '0' }, /--limit-ms is not a number of milliseconds/u],
  ];
  for (const [more, message] of wrong) await assert.rejects(containerTest({ ...words, ...more }, () => assert.fail('nothing is to be printed')), message);
});

test('a program that is not there fails, in words; what it cannot be asked without a hello is not tried', async () => {
  const lines: string[] = [];
  await assert.rejects(containerTest({ command: ['/nonexistent/container'], only: 'hello,rows', json: true, limitMs: '5000', startMs: '5000' }, (line) => lines.push(line)), /0 passed, 1 failed, 1 not applicable/u);
  const report = JSON.parse(lines.join('')) as { failed: number; checks: readonly { check: string; verdict: string; came?: string; why?: string }[] };
  assert.equal(report.failed, 1);
  const [hello, rows] = report.checks;
  assert.match(`${hello?.check} ${hello?.verdict} ${hello?.came}`, /^hello failed the process could not be started; its last words: spawn \/nonexistent\/container ENOENT/u);
  assert.match(`${rows?.check} ${rows?.verdict} ${rows?.why}`, /^rows not_applicable it said no hello/u);
});
