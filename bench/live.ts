import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configuredControllers } from './broker/controllers.ts';
import { measureWorkload, type LiveOptions } from './live/measure-workload.ts';
import { livePage, livePictures } from './live/page.ts';
import { liveTable, misses, type LiveResult, type WorkloadResult } from './live/result.ts';
import { WORKLOADS, workloadsNamed, type Workload } from './live/workloads.ts';
import { stamp, type Measured } from './report/stamp.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const { names: CONTROLLERS, byDefault } = configuredControllers();

const HELP = `Goodput of a running broker, open loop, beside what a scheduler that knows the future does with the same arrivals.

  node bench/live.ts [flags]

  --workloads NAMES    of ${WORKLOADS.map(({ name }) => name).join(',')}; all unless given
  --controllers NAMES  of ${CONTROLLERS.join(',')}; all unless given
  --ours NAME          the controller that is held to the bars; ${byDefault} unless given
  --loads L            multiples of capacity by the measured law; 0.5,0.9,1.2,2,4 unless given
  --seconds S          of each point, all rounds together, or as many as 3,000 arrivals take; 12 unless given: some 50 minutes for everything
  --rounds N           6 unless given; within a round the controllers take turns at each load: what they are held to is a point, and the machine varies by more
  --seed N             1 unless given; round and load have arrivals of their own, the same for all controllers
  --lateness MS        1 % of the requests of a point may leave so late, or it is refused; 1 unless given
  --small              a size that takes seconds, to see that it runs: its figures mean nothing, and no bar is held
  --json FILE          writes the result there, and after each load what has been measured; - is standard output, at the end
  --resume             measures only what the result in that file lacks
  --pictures DIR       writes live.html and its plots as SVG files there

Exit code 1 where a figure misses its bar, 2 where nothing could be measured.
`;
const SMALL = { workloads: ['2b+20'], loads: [1.2], seconds: 0.5, rounds: 1 };

interface RunOptions extends LiveOptions {
  readonly workloads: readonly Workload[];
  readonly ours: string;
}

async function live(options: RunOptions): Promise<LiveResult> {
  const before = earlier(options);
  const found = new Map(before.map((each) => [each.name, each]));
  const resultOf = (): LiveResult => ({ ours: options.ours, workloads: options.workloads.flatMap(({ name }) => found.get(name) ?? []) });
  const keep = (soFar: WorkloadResult): void => {
    found.set(soFar.name, soFar);
    if (values.json !== '-') writeResult(values.json, measuredOf(options, resultOf()));
  };
  for (const workload of options.workloads) found.set(workload.name, await measureWorkload(workload, options, { say, keep, before: found.get(workload.name) }));
  return resultOf();
}

/** What an earlier run has kept, where that is to be gone on with; RangeError where it played something else. */
function earlier(options: RunOptions): readonly WorkloadResult[] {
  const { resume, json } = values;
  if (!resume) return [];
  if (json === undefined || json === '-') throw new RangeError('--resume needs the file of the earlier run: --json FILE');
  if (!existsSync(json)) return [];
  const { parameters, result } = JSON.parse(readFileSync(json, 'utf8')) as Measured<LiveResult>;
  for (const name of ['seed', 'loads', 'rounds', 'seconds'] as const) {
    if (String(parameters[name]) !== String(options[name])) throw new RangeError(`${json} is of --${name} ${String(parameters[name])}`);
  }
  return result.workloads;
}

function measuredOf({ workloads, ...parameters }: RunOptions, result: LiveResult): Measured<LiveResult> {
  return { bench: 'live', seed: parameters.seed, parameters: { ...parameters, workloads: workloads.map(({ name }) => name) }, result };
}

const { values } = parseArgs({
  options: {
    workloads: { type: 'string' }, controllers: { type: 'string', default: CONTROLLERS.join(',') }, ours: { type: 'string', default: byDefault },
    loads: { type: 'string', default: '0.5,0.9,1.2,2,4' }, seconds: { type: 'string', default: '12' }, rounds: { type: 'string', default: '6' }, seed: { type: 'string', default: '1' },
    lateness: { type: 'string', default: '1' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, resume: { type: 'boolean', default: false }, pictures: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

function readOptions(): RunOptions {
  const controllers = values.controllers.split(',');
  for (const name of [...controllers, values.ours]) if (!CONTROLLERS.includes(name)) throw new RangeError(`there is no controller ${name}; there are ${CONTROLLERS.join(', ')}`);
  const positive = (name: string, text: string): number => {
    const value = Number(text);
    if (!(value > 0)) throw new RangeError(`--${name} must be a positive number, not ${text}`);
    return value;
  };
  const { small } = values;
  return {
    workloads: workloadsNamed(values.workloads?.split(',') ?? (small ? SMALL.workloads : WORKLOADS.map(({ name }) => name))),
    controllers: controllers.includes(values.ours) ? controllers : [...controllers, values.ours],
    ours: values.ours,
    loads: small ? SMALL.loads : values.loads.split(',').map((load) => positive('loads', load)),
    seconds: small ? SMALL.seconds : positive('seconds', values.seconds),
    rounds: small ? SMALL.rounds : positive('rounds', values.rounds),
    seed: Number(values.seed),
    latenessMs: positive('lateness', values.lateness),
    small,
  };
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const options = readOptions();
    const result = await live(options);
    say(`\n${textTable(liveTable(result))}`);
    const measured = measuredOf(options, result);
    writeResult(values.json, measured);
    if (values.pictures !== undefined) {
      mkdirSync(values.pictures, { recursive: true });
      writeFileSync(join(values.pictures, 'live.html'), livePage(stamp(measured)));
      for (const [name, svg] of livePictures(result)) writeFileSync(join(values.pictures, `${name}.svg`), svg);
    }
    const reached = result.workloads.every(({ points, refused }) => refused.length === 0 && points.every((point) => point.controller !== options.ours || misses(point, points).length === 0));
    process.exitCode = options.small || reached ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
