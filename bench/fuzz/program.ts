import { parseArgs } from 'node:util';
import { say, writeResult } from '../report/write.ts';
import { atTheEnd, Residence } from './at-the-end.ts';

/** By then every request is answered or its connection ended: the broker cuts off stalled ones after 2 s. */
export const HANG_MS = 15_000;
/** Bytes of a faulty input that are shown. */
export const PRINTED_BYTES = 2000;
const MAX_FAULTS = 5;

/** What came of a scenario. */
export interface Played {
  /** What was wrong, in words. */
  readonly fault?: string;
  readonly statuses: readonly (number | string)[];
}

/** One door under fire: its scenarios, who plays them, and how to play one again. */
export interface Fuzzed<Scenario> {
  /** The `index`th of the seed. */
  readonly scenario: (index: number) => Scenario;
  /** How many requests are in one. */
  readonly requestsOf: (scenario: Scenario) => number;
  /** Plays over a connection of its own. */
  readonly client: () => { play(scenario: Scenario): Promise<Played>; close(): void };
  /** Which it was, in a few words, and further lines that show it. */
  readonly tell: (scenario: Scenario) => { readonly title: string; readonly lines: readonly string[] };
}

/** The broker that is played against. */
export interface FuzzedBroker {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<unknown>;
}

export interface FuzzProgram<Scenario> {
  /** Its file below bench/, and the name of its results. */
  readonly name: string;
  readonly help: string;
  /** What is counted: the name of the flag that says how many, and of the figure in the result. */
  readonly unit: string;
  readonly connections: number;
  readonly start: () => Promise<{ readonly broker: FuzzedBroker; readonly fuzzed: (seed: number) => Promise<Fuzzed<Scenario>> }>;
}

interface Options {
  readonly count: number;
  readonly seed: number;
  readonly from: number;
  readonly connections: number;
}

interface Outcome {
  readonly scenarios: number;
  readonly made: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  /** Resident memory of the broker at each tenth of the run. */
  readonly residentMb: readonly number[];
}

/** Runs a program that fuzzes a door: its flags, its connections side by side, its result and its exit code. */
export async function runFuzz<Scenario>(program: FuzzProgram<Scenario>): Promise<void> {
  const { name, help, unit } = program;
  const { values } = parseArgs({
    options: {
      [unit]: { type: 'string', default: '20000' }, seed: { type: 'string' }, from: { type: 'string', default: '0' },
      connections: { type: 'string', default: String(program.connections) }, json: { type: 'string' }, help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const seed = typeof values.seed === 'string' ? Number(values.seed) : Math.floor(Math.random() * 2 ** 31);
  const options = { count: Number(values[unit]), seed, from: Number(values.from), connections: Number(values.connections) };
  say(`${name} with seed ${seed}`);
  try {
    const { scenarios, made, ...outcome } = await fuzz(program, options);
    const json = typeof values.json === 'string' ? values.json : undefined;
    writeResult(json, { bench: name, seed, parameters: { [unit]: options.count, connections: options.connections }, result: { scenarios, [unit]: made, ...outcome } });
    say(`seed ${seed}: ${made} ${unit} in ${outcome.seconds.toFixed(0)} s, ${JSON.stringify(outcome.statuses)}, ${outcome.faults.length} faults`);
    process.exitCode = outcome.faults.length === 0 ? 0 : 1;
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  }
}

async function fuzz<Scenario>(program: FuzzProgram<Scenario>, { count, seed, from, connections }: Options): Promise<Outcome> {
  const { broker, fuzzed } = await program.start();
  try {
    const { scenario, requestsOf, client, tell } = await fuzzed(seed);
    const residence = new Residence(broker.pid, count);
    const run = { next: from, made: 0, statuses: new Map<string, number>(), faults: [] as string[] };
    const startedAt = Date.now();
    const worker = async (): Promise<void> => {
      const player = client();
      while (run.made < count && run.faults.length < MAX_FAULTS) {
        const index = run.next++;
        const played = scenario(index);
        run.made += requestsOf(played);
        const { fault, statuses } = await player.play(played);
        for (const status of statuses) run.statuses.set(String(status), (run.statuses.get(String(status)) ?? 0) + 1);
        if (fault !== undefined) {
          const { title, lines } = tell(played);
          const text = `${title}: ${fault}`;
          say([text, `replay: node bench/${program.name}.ts --seed ${seed} --from ${index} --${program.unit} 1`, ...lines].join('\n  '));
          run.faults.push(text);
        }
        residence.look(run.made, run.faults.length);
      }
      player.close();
    };
    await Promise.all(Array.from({ length: connections }, worker));
    run.faults.push(...await atTheEnd(broker.url, residence));
    return {
      scenarios: run.next - from, made: run.made, seconds: (Date.now() - startedAt) / 1000,
      statuses: Object.fromEntries([...run.statuses].toSorted(([a], [b]) => Number(a) - Number(b))), faults: run.faults, residentMb: residence.mb,
    };
  } finally {
    await broker.stop();
  }
}
