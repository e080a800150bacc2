import { FuzzClient } from './fuzz/client.ts';
import { askControl, startFuzzBroker } from './fuzz/fuzz-broker.ts';
import { HANG_MS, PRINTED_BYTES, runFuzz } from './fuzz/program.ts';
import { scenario, type Scenario } from './fuzz/scenario.ts';

const HELP = `Hostile and mutated requests at every door of a broker with poisoned slabs, over many connections.

  node bench/fuzz.ts --requests 1000000 --seed 7

  --requests N      ends after so many; 20000 unless given
  --seed N          drawn and printed unless given
  --from I          begins at scenario I: replays one that is printed at fault, with --requests 1
  --connections N   64 unless given
  --json FILE       writes the result there; - is standard output

Exit code 1 where anything was wrong.
`;

await runFuzz<Scenario>({
  name: 'fuzz', help: HELP, unit: 'requests', connections: 64,
  start: async () => {
    const broker = await startFuzzBroker();
    return { broker, fuzzed: async (seed) => {
      const { targets, control } = await askControl(broker.url);
      const port = Number(new URL(broker.url).port);
      return {
        scenario: (index) => scenario(seed, index, targets),
        requestsOf: ({ requests }) => requests,
        client: () => new FuzzClient({ port, control, hangMs: HANG_MS }),
        tell: ({ index, title, ending, pieces }) => {
          const bytes = Buffer.concat(pieces);
          return { title: `scenario ${index} (${title}, ${ending})`, lines: [`input (${bytes.length} bytes): ${JSON.stringify(bytes.toString('latin1', 0, PRINTED_BYTES))}`] };
        },
      };
    } };
  },
});
