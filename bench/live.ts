import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { configuredControllers } from './broker/controllers.ts';
import { measureReplicas, type ReplicasOptions } from './live/measure-replicas.ts';
import { measureWorkload } from './live/measure-workload.ts';
import { commitsText } from './live/measured-at.ts';
import { livePage, livePictures } from './live/page.ts';
import { lawFile, recordedLaws } from './live/recorded-laws.ts';
import type { ReplicasResult } from './live/replicas-result.ts';
import { liveTables, reachesBars, type LiveResult, type WorkloadResult } from './live/result.ts';
import { fileWord, PARTS, REPLICAS, workloadsNamed, type Workload } from './live/workloads.ts';
import { stamp, type Measured } from './report/stamp.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const { names: CONTROLLERS, byDefault } = configuredControllers();

const HELP = `Goodput of a running broker, open loop, beside what a scheduler that knows the future does with the same arrivals.

  node bench/live.ts [flags]

  --workloads NAMES    of ${PARTS.join(',')}; all unless given. ${REPLICAS}: one and four of a version, saturated, in turns, some 90 seconds
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
  --laws DIR           writes the measured law of each workload there, for bench/simulator/play.ts --recorded
  --pictures DIR       writes live.html and its plots as SVG files there

Exit code 1 where a figure misses its bar, 2 where nothing could be measured.
`;
const SMALL = { parts: ['2b+20', REPLICAS], loads: [1.2], seconds: 0.5, rounds: 1 };

interface RunOptions extends ReplicasOptions {
  readonly workloads: readonly Workload[];
  /** One and more replicas of a version, too. */
  readonly replicas: boolean;
}

async function live(options: RunOptions): Promise<LiveResult> {
  const before = earlier(options);
  const found = new Map(before?.workloads.map((each) => [each.name, each]));
  let replicas = options.replicas ? before?.replicas : undefined;
  const resultOf = (): LiveResult => ({ ours: options.ours, workloads: options.workloads.flatMap(({ name }) => found.get(name) ?? []), ...(replicas === undefined ? {} : { replicas }) });
  const kept = <Part>(put: (part: Part) => void) => (soFar: Part): void => {
    put(soFar);
    if (values.json !== '-') writeResult(values.json, measuredOf(options, resultOf()));
  };
  for (const workload of options.workloads) {
    const put = (part: WorkloadResult): void => void found.set(part.name, part);
    put(await measureWorkload(workload, options, { say, keep: kept(put), before: found.get(workload.name) }));
  }
  if (options.replicas) {
    const put = (part: ReplicasResult): void => { replicas = part; };
    put(await measureReplicas(options, { say, keep: kept(put), before: replicas }));
  }
  return resultOf();
}

/** What an earlier run has kept, where that is to be gone on with; RangeError where it played something else. */
function earlier(options: RunOptions): LiveResult | undefined {
  const { resume, json } = values;
  if (!resume) return undefined;
  if (json === undefined || json === '-') throw new RangeError('--resume needs the file of the earlier run: --json FILE');
  if (!existsSync(json)) return undefined;
  const { parameters, result } = JSON.parse(readFileSync(json, 'utf8')) as Measured<LiveResult>;
  for (const name of ['seed', 'loads', 'rounds', 'seconds'] as const) {
    if (String(parameters[name]) !== String(options[name])) throw new RangeError(`${json} is of --${name} ${String(parameters[name])}`);
  }
  return result;
}

function measuredOf({ workloads, replicas, ...parameters }: RunOptions, result: LiveResult): Measured<LiveResult> {
  return { bench: 'live', seed: parameters.seed, parameters: { ...parameters, workloads: [...workloads.map(({ name }) => name), ...(replicas ? [REPLICAS] : [])] }, result };
}

function writeLaws(folder: string, { workloads }: LiveResult): void {
  mkdirSync(folder, { recursive: true });
  const laws = recordedLaws(workloads);
  for (const { name } of workloads) if (!laws.has(name)) say(`the law of ${name} was measured by a program that kept no single times`);
  for (const [name, batches] of laws) writeFileSync(join(folder, `${fileWord(name)}.json`), lawFile(batches));
}

const { values } = parseArgs({
  options: {
    workloads: { type: 'string' }, controllers: { type: 'string', default: CONTROLLERS.join(',') }, ours: { type: 'string', default: byDefault },
    loads: { type: 'string', default: '0.5,0.9,1.2,2,4' }, seconds: { type: 'string', default: '12' }, rounds: { type: 'string', default: '6' }, seed: { type: 'string', default: '1' },
    lateness: { type: 'string', default: '1' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, resume: { type: 'boolean', default: false }, laws: { type: 'string' }, pictures: { type: 'string' }, help: { type: 'boolean', default: false },
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
  const parts = values.workloads?.split(',') ?? (small ? SMALL.parts : PARTS);
  return {
    workloads: workloadsNamed(parts.filter((name) => name !== REPLICAS)),
    replicas: parts.includes(REPLICAS),
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
    for (const table of liveTables(result)) say(`\n${textTable(table)}`);
    const measured = measuredOf(options, result);
    const commits = commitsText(stamp(measured));
    if (commits !== undefined) say(`\n${commits}`);
    writeResult(values.json, measured);
    if (values.laws !== undefined) writeLaws(values.laws, result);
    if (values.pictures !== undefined) {
      mkdirSync(values.pictures, { recursive: true });
      writeFileSync(join(values.pictures, 'live.html'), livePage(stamp(measured)));
      for (const [name, svg] of livePictures(result)) writeFileSync(join(values.pictures, `${name}.svg`), svg);
    }
    process.exitCode = options.small || reachesBars(result) ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
