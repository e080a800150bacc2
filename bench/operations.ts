import { parseArgs } from 'node:util';
import { Calm } from './load/calm.ts';
import { openFiles, processTree } from './operations/held.ts';
import { OperationsBroker } from './operations/operations-broker.ts';
import { isFlat, isLight, isSmooth, type Held, type OperationRow, type OperationsResult } from './operations/result.ts';
import { median } from './report/median.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `What operations cost those who ask meanwhile: version switch, rollback, label move, apply, scale, each at half load.

  node bench/operations.ts [flags]

Some six minutes on a quiet machine.

  --rounds N     5 unless given; before and during each operation in turn, medians
  --switches N   100 unless given; versions switched one after another
  --models N     100 unless given; synthetic models beside each other: idle CPU, and what a request costs
  --rate R       requests a second while operations run; 2000 unless given
  --repeats N    30 unless given; so many rounds at most are played again because others had the processors meanwhile
  --only WORDS   some of operations, switched, many, or one operation by its name ("version switch"); by commas, and without --json
  --small        a size that takes seconds, and no bar is held
  --json FILE    writes the result there; - is standard output

Exit code 1 where a bar is missed, 2 where nothing could be measured.
`;
/** Requests of each half of a round, of what a request costs. */
const REQUESTS = 60_000;
const SWITCHES_A_LINE = 25;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' }, switches: { type: 'string', default: '100' }, models: { type: 'string', default: '100' }, rate: { type: 'string', default: '2000' }, repeats: { type: 'string', default: '30' },
    only: { type: 'string' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

async function measureOperations({ rounds, rate, small }: { rounds: number; rate: number; small: boolean }, isAsked: (operation: string) => boolean, calm: Calm): Promise<readonly OperationRow[]> {
  const broker = await OperationsBroker.start({ isBusy: small });
  try {
    const rows: OperationRow[] = [];
    for (const [operation, act] of Object.entries(broker.operations())) {
      if (!isAsked(operation)) continue;
      const runs: { before: number; during: number }[] = [];
      // A query that fails counts in every round, however calm it was.
      let failed = 0;
      for (let round = 0; round < rounds; round++) {
        runs.push(await calm.play(async () => {
          const before = await broker.load(rate);
          const during = await broker.load(rate, act);
          failed += before.failed + during.failed;
          return { before: before.p99Ms, during: during.p99Ms };
        }));
      }
      const [beforeP99Ms, duringP99Ms] = [median(runs.map(({ before }) => before)), median(runs.map(({ during }) => during))];
      const row = { operation, failed, beforeP99Ms, duringP99Ms };
      rows.push({ ...row, pass: isSmooth(row) });
      say(`${operation}: ${failed} failed, p99 of another model ${beforeP99Ms.toFixed(2)} ms before, ${duringP99Ms.toFixed(2)} ms during`);
    }
    return rows;
  } finally {
    await broker.stop();
  }
}

/** Versions come and go, one after another; what the broker holds on to before and after. */
async function measureSwitches(switches: number): Promise<OperationsResult['switched']> {
  const broker = await OperationsBroker.start();
  try {
    await broker.switchVersion();
    const held = async (): Promise<Held> => {
      await broker.settled();
      return { processes: processTree(broker.pid).length, files: openFiles(broker.pid), residentMb: broker.residentMb() };
    };
    const before = await held();
    let half = before;
    for (let i = 1; i <= switches; i++) {
      await broker.switchVersion();
      if (i === switches >> 1) half = await held();
      if (i % SWITCHES_A_LINE === 0) say(`${i} of ${switches} versions switched`);
    }
    const after = await held();
    say(`${switches} versions switched: ${before.processes} → ${after.processes} processes, ${before.files} → ${after.files} files, ${before.residentMb.toFixed(0)} → ${half.residentMb.toFixed(0)} → ${after.residentMb.toFixed(0)} MB`);
    return { switches, before, half, after, pass: isFlat({ before, half, after }) };
  } finally {
    await broker.stop();
  }
}

/** Many models beside each other: what the broker takes when nobody asks, and what a request costs, beside a broker with few. */
async function measureMany(models: number, { seconds, rounds, requests }: { seconds: number; rounds: number; requests: number }, calm: Calm): Promise<OperationsResult['many']> {
  const few = await OperationsBroker.start();
  try {
    const many = await OperationsBroker.start({ further: models });
    try {
      say(`${models} models are ready`);
      for (const broker of [few, many]) await broker.requestMicros(requests);
      const ratios: number[] = [];
      for (let round = 0; round < rounds; round++) {
        ratios.push(await calm.play(async () => {
          const micros = new Map<OperationsBroker, number>();
          for (const broker of round % 2 === 0 ? [few, many] : [many, few]) micros.set(broker, await broker.requestMicros(requests));
          return (micros.get(many) ?? Number.NaN) / (micros.get(few) ?? Number.NaN);
        }));
      }
      // Behind the load: what a broker takes day and night, not while a hundred starts have left code to compile and memory to sort.
      const idleCpu = await calm.play(() => many.idleCpu(seconds));
      const predictRatio = median(ratios);
      say(`${models} models: the idle broker takes ${(idleCpu * 100).toFixed(2)} % of a core; a request costs ${predictRatio.toFixed(3)} x (${ratios.map((ratio) => ratio.toFixed(3)).join(' ')})`);
      return { models, idleCpu, predictRatio, pass: isLight({ idleCpu, predictRatio }) };
    } finally {
      await many.stop();
    }
  } finally {
    await few.stop();
  }
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const small = values.small;
    const [rounds, switches, models] = small ? [1, 2, 3] : [Number(values.rounds), Number(values.switches), Number(values.models)];
    const rate = small ? 200 : Number(values.rate);
    const only = values.only?.split(',');
    const calm = new Calm({ repeats: small ? 0 : Number(values.repeats), say });
    if (only !== undefined && values.json !== undefined) throw new Error('a part of the figures is no result: --only goes without --json');
    const asked = (part: string): boolean => only?.includes(part) ?? true;
    const isOtherPart = only !== undefined && only.every((part) => part === 'switched' || part === 'many');
    const operations = isOtherPart ? [] : await measureOperations({ rounds, rate, small }, (operation) => asked('operations') || asked(operation), calm);
    const switched = asked('switched') ? await measureSwitches(switches) : undefined;
    const many = asked('many') ? await measureMany(models, small ? { seconds: 2, rounds: 1, requests: 500 } : { seconds: 30, rounds: rounds + 6, requests: REQUESTS }, calm) : undefined;
    if (operations.length === 0 && switched === undefined && many === undefined) throw new Error(`--only ${values.only} names nothing that is measured here`);
    const failed = operations.reduce((sum, row) => sum + row.failed, 0);
    const pass = operations.every((row) => row.pass) && switched?.pass !== false && many?.pass !== false;
    if (switched !== undefined && many !== undefined) writeResult(values.json, { bench: 'operations', seed: 1, stolen: calm.stolen, parameters: { rounds, switches, models, rate, small }, result: { operations, switched, many, pass } satisfies OperationsResult });
    process.exitCode = (small ? failed === 0 : pass) ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
