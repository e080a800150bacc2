import { parseArgs } from 'node:util';
import { configuredControllers } from './broker/controllers.ts';
import { ScheduleMissed } from './load/generate.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';
import { closedRounds, closedTable, type ClosedRow } from './road/closed.ts';
import { startContenders, type Contender } from './road/contenders.ts';
import { hashOfRightAnswers } from './road/in-process.ts';
import { loadsNamed, LOADS, type Load } from './road/loads.ts';
import { loneRequests, loneTable } from './road/lone.ts';
import { openRounds, openTable, type OpenRow } from './road/open.ts';
import type { RoadResult } from './road/result.ts';

const HELP = `What the whole road costs beside bare fastify and bare node:http, in one interleaved run.

  node bench/road.ts [flags]

  --rounds N         rounds that count, after one of warm-up; 5 unless given
  --seconds S        of each measurement; 3 unless given
  --connections N    keep-alive connections of the closed loop; 64 unless given
  --loads NAMES      of ${LOADS.map(({ name }) => name).join(',')}; all unless given
  --controllers C    each a contender; what a model gets that names none unless given
  --parts NAMES      of closed,lone,open; all unless given
  --seed N           of inputs and arrivals; 1 unless given
  --small            a size that takes seconds, to see that it runs: its figures mean nothing, and no bar is held
  --json FILE        writes the result there; - is standard output
  --profile DIR      has V8 write a CPU profile of the broker there (which costs the broker CPU)

Exit code 1 where a figure misses its bar, 2 where nothing could be measured.
`;
const PARTS = ['closed', 'lone', 'open'];
const CONTROLLERS = configuredControllers();
const CHECKED_INPUTS = 64;
/** Of the open loop: few are needed but where the server stops for some time, and then no request may wait for one. */
const OPEN_CONNECTIONS = 1024;
const SMALL = { rounds: 1, seconds: 0.4 };

interface RoadOptions {
  readonly rounds: number;
  readonly warmUp: boolean;
  readonly seconds: number;
  readonly connections: number;
  readonly loads: readonly Load[];
  readonly controllers: readonly string[];
  readonly parts: readonly string[];
  readonly seed: number;
  readonly profileDir?: string;
}

async function road(options: RoadOptions): Promise<{ result: RoadResult; answer: string }> {
  const started = await startContenders(options);
  const { contenders } = started;
  try {
    const [first] = contenders;
    if (first === undefined) throw new RangeError('nobody to measure');
    const answer: string[] = [];
    for (const load of options.loads) answer.push(await hashOfRightAnswers(load, first.serves(load), CHECKED_INPUTS));
    say(`${contenders.length} contenders run; ${CHECKED_INPUTS} answers to each load are what the model gives in this process`);
    return { result: await measureAll(options, contenders), answer: answer.join('-') };
  } finally {
    await started.stop();
  }
}

async function measureAll(options: RoadOptions, contenders: readonly Contender[]): Promise<RoadResult> {
  const { parts } = options;
  const onProgress = say;
  const closed = parts.includes('closed') || parts.includes('open') ? await closedRounds({ ...options, contenders, onProgress }) : undefined;
  const lone = parts.includes('lone') ? await loneRequests({ ...options, contenders, onProgress, seconds: options.seconds / 2 }) : undefined;
  const open = parts.includes('open') && closed !== undefined ? await openLoops(options, { contenders, closed: closed.rows }) : undefined;
  return {
    ...(closed === undefined ? {} : { closed: closed.rows, samples: closed.samples }),
    ...(lone === undefined ? {} : { lone }),
    ...(open === undefined ? {} : { open }),
  };
}

/** Ours and fastify at half of what ours does at saturation with small JSON; what the generator says where it cannot. */
async function openLoops(options: RoadOptions, { contenders, closed }: { contenders: readonly Contender[]; closed: readonly ClosedRow[] }): Promise<RoadResult['open']> {
  const load = options.loads.find(({ name }) => name === 'small');
  const ours = closed.find((row) => row.load === 'small');
  if (load === undefined || ours === undefined) return { refused: 'small JSON was not among the loads' };
  try {
    const ratePerSecond = Math.round(ours.requestsPerSecond / 2);
    const rows: readonly OpenRow[] = await openRounds({
      ...options, load, ratePerSecond, connections: OPEN_CONNECTIONS, onProgress: say, seconds: options.seconds / 2,
      contenders: contenders.filter(({ kind }) => kind !== 'bare-http'),
    });
    return { rows };
  } catch (error) {
    if (error instanceof ScheduleMissed) return { refused: error.message };
    throw error;
  }
}

function tell({ closed, lone, open }: RoadResult): void {
  if (closed !== undefined) say(`\n${textTable(closedTable(closed))}`);
  if (lone !== undefined) say(`\n${textTable(loneTable(lone))}`);
  if (open !== undefined) say(`\n${'rows' in open ? textTable(openTable(open.rows)) : `open loop: not measured: ${open.refused}`}`);
}

function reached({ closed = [], lone = [], open }: RoadResult): boolean {
  const rows = [...closed, ...lone, ...(open !== undefined && 'rows' in open ? open.rows : [])];
  return rows.every(({ pass }) => pass !== false) && !(open !== undefined && 'refused' in open);
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '3' }, connections: { type: 'string', default: '64' },
    loads: { type: 'string', default: LOADS.map(({ name }) => name).join(',') }, controllers: { type: 'string', default: CONTROLLERS.byDefault },
    parts: { type: 'string', default: PARTS.join(',') }, seed: { type: 'string', default: '1' },
    small: { type: 'boolean', default: false }, json: { type: 'string' }, profile: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

function readOptions(): RoadOptions {
  const among = (name: string, list: string, known: readonly string[]): string[] => list.split(',').map((word) => {
    if (!known.includes(word)) throw new RangeError(`--${name}: there is no ${word}; there are ${known.join(', ')}`);
    return word;
  });
  const positive = (name: string, text: string): number => {
    const value = Number(text);
    if (!(value > 0)) throw new RangeError(`--${name} must be a positive number, not ${text}`);
    return value;
  };
  return {
    rounds: values.small ? SMALL.rounds : positive('rounds', values.rounds),
    warmUp: !values.small,
    seconds: values.small ? SMALL.seconds : positive('seconds', values.seconds),
    connections: positive('connections', values.connections),
    loads: loadsNamed(values.loads.split(',')),
    controllers: among('controllers', values.controllers, CONTROLLERS.names),
    parts: among('parts', values.parts, PARTS),
    seed: Number(values.seed),
    ...(values.profile === undefined ? {} : { profileDir: values.profile }),
  };
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    const options = readOptions();
    const { result, answer } = await road(options);
    tell(result);
    const { loads, profileDir: _, ...parameters } = options;
    writeResult(values.json, { bench: 'road', seed: options.seed, parameters: { ...parameters, loads: loads.map(({ name }) => name), small: values.small }, answer, result });
    process.exitCode = values.small || reached(result) ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
