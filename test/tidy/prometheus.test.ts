import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { isMetric, METRICS } from '../../frontend/metrics/table.ts';
import { findPart, requirePart } from '../support/requirements.ts';
import { ROOT } from './tree.ts';

interface Rules {
  readonly groups: readonly { readonly rules: readonly { readonly record?: string; readonly alert?: string; readonly expr: string; readonly annotations?: { readonly runbook?: string } }[] }[];
}

interface RuleTests {
  readonly tests: readonly { readonly alert_rule_test: readonly AlertLook[] }[];
}

interface AlertLook {
  readonly alertname: string;
  readonly eval_time: string;
  readonly exp_alerts: readonly unknown[];
}

function minutes({ eval_time: at }: AlertLook): number {
  assert.match(at, /^\d+m$/u);
  return Number(at.slice(0, -1));
}

const RULES = parse(readFileSync(join(ROOT, 'deploy/prometheus/rules.yml'), 'utf8')) as Rules;
const ALL = RULES.groups.flatMap(({ rules }) => rules);
const skip = requirePart('promtool');

/** Metrics of ours that an expression names, without the ends of a histogram's series. */
function named(text: string): string[] {
  return [...text.matchAll(/(?<![\w:])tradewind_\w+/gu)].map(([name]) => (isMetric(name) ? name : name.replace(/_(?:bucket|sum|count)$/u, '')));
}

test('rules and Grafana name only metrics, labels and values that there are', () => {
  const grafana = JSON.parse(readFileSync(join(ROOT, 'deploy/grafana/tradewind.json'), 'utf8')) as { panels: { targets?: { expr: string }[] }[] };
  const expressions = [...ALL.map(({ expr }) => expr), ...grafana.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))];
  for (const expression of expressions) for (const name of named(expression)) assert.ok(isMetric(name), `${name} in ${expression}`);
  for (const metric of Object.keys(METRICS)) assert.ok(expressions.some((expression) => named(expression).includes(metric)), `${metric} is drawn nowhere`);
});

test('a rule names what was recorded before it', () => {
  const recorded = new Set<string>();
  for (const { record, expr } of ALL) {
    for (const [name] of expr.matchAll(/\b(?:app|model):\w+:\w+/gu)) assert.ok(recorded.has(name), name);
    if (record !== undefined) recorded.add(record);
  }
});

test('every alert has its section in the runbook, and every section its alert', () => {
  const sections = [...readFileSync(join(ROOT, 'deploy/operations.md'), 'utf8').matchAll(/^### (Tradewind\w+)$/gmu)].map(([, name]) => name);
  const alerts = ALL.flatMap(({ alert }) => alert ?? []);
  assert.deepEqual(new Set(sections), new Set<string | undefined>(alerts));
  assert.equal(sections.length, alerts.length);
  for (const { alert, annotations } of ALL) if (alert !== undefined) assert.equal(annotations?.runbook, `deploy/operations.md#${alert.toLowerCase()}`);
});

test('Prometheus takes the rules, and they do what they say', { skip }, () => {
  for (const args of [['check', 'config', 'deploy/prometheus/prometheus.yml'], ['test', 'rules', 'deploy/prometheus/rules-test.yml']]) {
    const { status, stdout, stderr } = spawnSync(findPart('promtool') ?? '', args, { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
    assert.equal(status, 0, stdout + stderr);
  }
});

test('of every alert a test of the rules says when it fires, and when it is over', () => {
  const { tests } = parse(readFileSync(join(ROOT, 'deploy/prometheus/rules-test.yml'), 'utf8')) as RuleTests;
  for (const { alert } of ALL) {
    if (alert === undefined) continue;
    const looks = tests.map(({ alert_rule_test: all }) => all.filter(({ alertname }) => alertname === alert).toSorted((a, b) => minutes(a) - minutes(b)));
    assert.ok(looks.some((one) => one.some(({ exp_alerts: fires }, i) => fires.length > 0 && one.slice(i).some(({ exp_alerts: later }) => later.length === 0))), alert);
  }
});
