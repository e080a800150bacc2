import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { textTable } from '../report/table.ts';
import { readTrace, type Arrivals } from './arrivals.ts';
import type { Law } from './law.ts';
import type { RecordedBatch } from './recorded-law.ts';
import { RULE_NAMES } from './rules.ts';
import { capacityOf, plainScenario, scenarioName, type Scenario } from './scenario.ts';
import { simulate } from './simulate.ts';
import { workloadOf } from './workload.ts';

/** Arrivals by name, each with figures that show what it does. */
const KINDS: Readonly<Record<string, Arrivals>> = {
  poisson: { kind: 'poisson' }, mmpp: { kind: 'mmpp', factor: 2.5, share: 0.25, meanMs: 200 }, diurnal: { kind: 'diurnal', swing: 0.8, periodMs: 2000 },
  flash: { kind: 'flash', factor: 5, fromMs: 200, forMs: 200 }, gamma: { kind: 'gamma', shape: 0.25 },
};

const HELP = `Plays batching rules on simulated replicas, with the production queue, and says what each answers on time.

  node bench/simulator/play.ts [flags]

  --law A,B        A milliseconds a row and B a batch; 0.1,2 unless given
  --slo MS         or several, for mixed SLOs in one queue: 10,50,200; 20 unless given
  --load X         times capacity, or several: 0.5,0.9,1.2,2,4; 1.2 unless given
  --rule NAMES     of ${RULE_NAMES.join(', ')}; ours and by-rate unless given
  --recorded FILE  instead of a law: a JSON array of {"rows", "micros"}, batches seen at a real container, drawn again;
                   bench/live.ts --laws writes such files: bench/simulator/recorded/svm.json is an SVM's
  --noise SHARE    each batch takes up to this share more or less
  --steps          rows are padded to 1, 2, 4, 8 …
  --speeds S       one a replica: 1,1,1,0.333
  --kind NAME      of arrivals: ${Object.keys(KINDS).join(', ')}; poisson unless given
  --trace FILE     instead: arrivals in microseconds, a JSON array or a column; --load then only says what is reckoned
  --arrivals N     that count, after 200 batches of warm-up; 3000 unless given
  --seeds N        1, 2, … N; 3 unless given
  --cold           no warm-up
`;

const { values } = parseArgs({
  options: {
    law: { type: 'string', default: '0.1,2' }, slo: { type: 'string', default: '20' }, load: { type: 'string', default: '1.2' },
    rule: { type: 'string', default: 'planner,by-rate' }, noise: { type: 'string' }, recorded: { type: 'string' }, kind: { type: 'string', default: 'poisson' }, trace: { type: 'string' }, steps: { type: 'boolean', default: false },
    speeds: { type: 'string', default: '1' }, arrivals: { type: 'string', default: '3000' }, seeds: { type: 'string', default: '3' },
    cold: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
  },
});

const numbers = (text: string): number[] => text.split(',').map(Number);

function scenarioFrom(): Scenario {
  const [alphaMs = 0, betaMs = 0] = numbers(values.law);
  const law: Law = {
    alphaMs, betaMs, ...(values.noise === undefined ? {} : { noise: Number(values.noise) }), ...(values.steps ? { steps: true } : {}),
    ...(values.recorded === undefined ? {} : { recorded: JSON.parse(readFileSync(values.recorded, 'utf8')) as RecordedBatch[] }),
  };
  const sloMs = numbers(values.slo);
  const reckoned = sloMs[sloMs.length >> 1] ?? 20;
  return { ...plainScenario(law, reckoned), speeds: numbers(values.speeds), streams: [{ app: 'a', share: 1, sloMs }], arrivals: arrivalsFrom() };
}

function arrivalsFrom(): Arrivals {
  if (values.trace !== undefined) return { kind: 'trace', offsetsMicros: readTrace(readFileSync(values.trace, 'utf8')) };
  const arrivals = Object.hasOwn(KINDS, values.kind) ? KINDS[values.kind] : undefined;
  if (arrivals === undefined) throw new RangeError(`--kind: there is no ${values.kind}; there are ${Object.keys(KINDS).join(', ')}`);
  return arrivals;
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  const scenario = scenarioFrom();
  const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
  const rows = [['load', 'rule', 'on time %', 'late %', 'of capacity', 'mean batch', 'shed']];
  const began = performance.now();
  let played = 0;
  for (const load of numbers(values.load)) {
    for (const rule of values.rule.split(',')) {
      let offered = 0, onTime = 0, late = 0, perSecond = 0, batched = 0, batches = 0;
      const missed = new Map<string, number>();
      for (const seed of seeds) {
        const workload = workloadOf(scenario, { load, seed, arrivals: Number(values.arrivals) });
        const run = simulate(scenario, workload, { load, rule, seed, ...(values.cold ? { warmUpBatches: 0 } : {}) });
        offered += run.offered;
        onTime += run.onTime;
        late += run.late;
        perSecond += run.perSecond / seeds.length;
        batches += run.batches.length;
        for (const batch of run.batches) batched += batch.rows;
        for (const [reason, count] of Object.entries(run.missed)) missed.set(reason, (missed.get(reason) ?? 0) + count);
      }
      played += offered;
      const shed = [...missed].map(([reason, count]) => `${reason} ${count}`).join(', ');
      rows.push([String(load), rule, ((100 * onTime) / offered).toFixed(2), ((100 * late) / offered).toFixed(2), (perSecond / capacityOf(scenario)).toFixed(3), (batched / batches).toFixed(1), shed]);
    }
  }
  process.stdout.write(`${scenarioName(scenario)} ms; capacity ${capacityOf(scenario).toFixed(0)}/s\n${textTable(rows)}\n${played} queries counted in ${((performance.now() - began) / 1000).toFixed(2)} s\n`);
}
