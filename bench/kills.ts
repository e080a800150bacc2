import { parseArgs } from 'node:util';
import { FOREIGN_KINDS, findForeign } from './foreign/foreign-server.ts';
import { MODEL_KINDS } from './kinds/model-kinds.ts';
import { killReplicas, killServer, type KillOptions } from './kills/kill-one.ts';
import { killsTable, type KillsOfKind } from './kills/result.ts';
import { Calm } from './load/calm.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';

const NAMES = [...MODEL_KINDS.map(({ name }) => name), ...FOREIGN_KINDS];
const HELP = `kill -9 of one of four replicas under load, for each kind of container, an app with a default set: what callers see of it.

  node bench/kills.ts [flags]

  --kinds NAMES  of ${NAMES.join(', ')}; separated by ";", all that this machine has unless given
  --kills N      of each kind, one after another (of a server of somebody else one); 3 unless given
  --seconds S    of load around each kill; 6 unless given
  --load L       of what a closed loop of 64 connections gets; 0.6 unless given
  --repeats N    20 unless given; so many kills at most are made again because others had the processors meanwhile
  --slo-ms MS    100 unless given; at least five times the time of a batch for the bar to mean something
  --seed N       of inputs and arrivals; 1 unless given
  --small        one kill of those that need nothing but Node, at a light load, in seconds
  --json FILE    writes the result there; - is standard output

Exit code 1 where a query was not answered or got an error, or too many got the default.
`;
const SMALL_KINDS: readonly string[] = ['onnx', 'typescript'];
const MAX_LATENESS_MICROS = 100_000;
/** `--small` is to run on a machine that is busy with something else too. */
const ANY_LATENESS_MICROS = 60_000_000;

const { values } = parseArgs({
  options: {
    kinds: { type: 'string' }, kills: { type: 'string', default: '3' }, seconds: { type: 'string', default: '6' }, load: { type: 'string', default: '0.6' },
    'slo-ms': { type: 'string', default: '100' }, seed: { type: 'string', default: '1' }, repeats: { type: 'string', default: '20' },
    small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  const wanted = values.small ? SMALL_KINDS : values.kinds?.split(';').map((name) => name.trim()) ?? NAMES;
  const options: KillOptions = {
    sloMs: Number(values['slo-ms']), seed: Number(values.seed),
    ...(values.small
      ? { kills: 1, seconds: 2, load: 0.2, maxLatenessMicros: ANY_LATENESS_MICROS }
      : { kills: Number(values.kills), seconds: Number(values.seconds), load: Number(values.load), maxLatenessMicros: MAX_LATENESS_MICROS }),
  };
  const calm = new Calm({ repeats: values.small ? 0 : Number(values.repeats), say });
  const kinds: KillsOfKind[] = [];
  const told = (result: KillsOfKind): void => {
    kinds.push(result);
    say(`${result.kind}: ${result.sent} queries, ${result.unanswered} unanswered, ${result.errors} errors, ${result.defaults} defaults: ${result.pass ? 'pass' : 'MISSED'}`);
  };
  for (const kind of MODEL_KINDS.filter(({ name }) => wanted.includes(name))) {
    const missing = kind.missing();
    if (missing === undefined) told(await killReplicas(kind, options, calm));
    else say(`${kind.name} is left out: ${missing}`);
  }
  for (const kind of FOREIGN_KINDS.filter((name) => wanted.includes(name))) {
    if (findForeign(kind) === undefined) say(`${kind} is left out: bench/foreign/install.sh has not put it here`);
    else told(await killServer(kind, options));
  }
  say(textTable(killsTable(kinds)));
  writeResult(values.json, { bench: 'kills', seed: options.seed, stolen: calm.stolen, parameters: { ...options, small: values.small }, result: kinds });
  return values.small ? Number(kinds.some(({ unanswered, errors }) => unanswered + errors > 0)) : Number(kinds.some(({ pass }) => !pass));
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    process.exitCode = await main();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}
