import { parseArgs } from 'node:util';
import { openFiles, processTree } from './operations/held.ts';
import { OperationsBroker } from './operations/operations-broker.ts';
import { median } from './report/median.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `What operations cost those who ask meanwhile: version switch, rollback, label move, apply, scale, each at half load.

  node bench/operations.ts [flags]

  --rounds N     5 unless given; before and during each operation in turn, medians
  --switches N   100 unless given; versions switched one after another
  --models N     100 unless given; synthetic models beside each other
  --rate R       requests a second while operations run; 2000 unless given
  --small        a size that takes seconds, and no bar is held
  --json FILE    writes the result there; - is standard output

Exit code 1 where a bar is missed, 2 where nothing could be measured.
`;
/** p99 of other models while an operation runs: so many times what it was before, or so much more, whichever is more. */
const MAX_RATIO = 1.5;
const MAX_MORE_MS = 5;
const MAX_IDLE_CPU = 0.01;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' }, switches: { type: 'string', default: '100' }, models: { type: 'string', default: '100' }, rate: { type: 'string', default: '2000' },
    small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

interface Row {
  readonly operation: string;
  readonly failed: number;
  readonly beforeP99Ms: number;
  readonly duringP99Ms: number;
  readonly pass: boolean;
}

async function measureOperations({ rounds, rate, small }: { rounds: number; rate: number; small: boolean }): Promise<readonly Row[]> {
  const broker = await OperationsBroker.start({ isBusy: small });
  try {
    const rows: Row[] = [];
    for (const [operation, act] of Object.entries(broker.operations())) {
      const runs: { failed: number; before: number; during: number }[] = [];
      for (let round = 0; round < rounds; round++) {
        const before = await broker.load(rate);
        const during = await broker.load(rate, act);
        runs.push({ failed: before.failed + during.failed, before: before.p99Ms, during: during.p99Ms });
      }
      const [beforeP99Ms, duringP99Ms] = [median(runs.map(({ before }) => before)), median(runs.map(({ during }) => during))];
      const failed = runs.reduce((sum, run) => sum + run.failed, 0);
      rows.push({ operation, failed, beforeP99Ms, duringP99Ms, pass: failed === 0 && duringP99Ms <= Math.max(beforeP99Ms * MAX_RATIO, beforeP99Ms + MAX_MORE_MS) });
      say(`${operation}: ${failed} failed, p99 of another model ${beforeP99Ms.toFixed(2)} ms before, ${duringP99Ms.toFixed(2)} ms during`);
    }
    return rows;
  } finally {
    await broker.stop();
  }
}

/** Versions come and go, one after another; what the broker holds on to before and after. */
async function measureSwitches(switches: number) {
  const broker = await OperationsBroker.start();
  try {
    await broker.switchVersion();
    const held = () => ({ processes: processTree(broker.pid).length, files: openFiles(broker.pid), residentMb: broker.residentMb() });
    const before = held();
    for (let i = 0; i < switches; i++) await broker.switchVersion();
    await broker.settled();
    const after = held();
    const pass = after.processes <= before.processes && after.files <= before.files + 4;
    say(`${switches} versions switched: ${before.processes} → ${after.processes} processes, ${before.files} → ${after.files} files, ${before.residentMb.toFixed(0)} → ${after.residentMb.toFixed(0)} MB`);
    return { switches, before, after, pass };
  } finally {
    await broker.stop();
  }
}

/** Many models beside each other: what the broker takes when nobody asks. */
async function measureMany(models: number, seconds: number) {
  const broker = await OperationsBroker.start({ further: models });
  try {
    const idleCpu = await broker.idleCpu(seconds);
    const pass = idleCpu < MAX_IDLE_CPU;
    say(`${models} models: the idle broker takes ${(idleCpu * 100).toFixed(2)} % of a core`);
    return { models, idleCpu, pass };
  } finally {
    await broker.stop();
  }
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const small = values.small;
    const [rounds, switches, models] = small ? [1, 2, 3] : [Number(values.rounds), Number(values.switches), Number(values.models)];
    const rate = small ? 200 : Number(values.rate);
    const result = { operations: await measureOperations({ rounds, rate, small }), switched: await measureSwitches(switches), many: await measureMany(models, small ? 2 : 20) };
    const failed = result.operations.reduce((sum, row) => sum + row.failed, 0);
    const pass = result.operations.every((row) => row.pass) && result.switched.pass && result.many.pass;
    writeResult(values.json, { bench: 'operations', seed: 1, parameters: { rounds, switches, models, rate, small }, result: { ...result, pass } });
    process.exitCode = (small ? failed === 0 : pass) ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
