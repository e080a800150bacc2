import { parseArgs } from 'node:util';
import { runChaos } from './chaos/run.ts';
import { say, writeResult } from './report/write.ts';

const HELP = `Random admin operations, deaths of containers and broker (kill -9), and load, on a real broker, from one seed.

  node bench/chaos.ts --minutes 60 --seed 7

  --minutes M    1 unless given
  --seed N       drawn and printed unless given; what is done follows from it, when exactly things meet does not
  --clients N    callers; 6 unless given
  --json FILE    writes the result there; - is standard output

What must hold: every question is answered once, rightly, and never with a default where nothing was done to the model;
what is wanted is what was acknowledged, after every operation and every death; an acknowledged reward counts once;
nothing is left behind. Exit code 1 where something did not.
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' }, seed: { type: 'string' }, clients: { type: 'string', default: '6' }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else {
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const parameters = { minutes: Number(values.minutes), clients: Number(values.clients) };
  say(`seed ${seed}`);
  const result = await runChaos({ seed, ...parameters, say });
  const { operations, faults, ...counts } = result;
  say(JSON.stringify(counts));
  say(JSON.stringify(operations));
  for (const fault of faults) say(`FAULT ${fault}`);
  writeResult(values.json, { bench: 'chaos', seed, parameters, result });
  process.exitCode = faults.length > 0 ? 1 : 0;
}
