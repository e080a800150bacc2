import { freePort } from './broker/free-port.ts';
import { startFuzzBroker } from './fuzz/fuzz-broker.ts';
import { GrpcFuzzClient } from './fuzz/grpc-client.ts';
import { judgeCall } from './fuzz/grpc-judge.ts';
import { grpcScenario, type GrpcScenario, type GrpcTargets } from './fuzz/grpc-scenario.ts';
import { grpcAsks } from './fuzz/grpc-seeds.ts';
import { HANG_MS, PRINTED_BYTES, runFuzz, type Played } from './fuzz/program.ts';

const HELP = `Hostile and mutated calls at the gRPC door of a broker with poisoned slabs, over many connections.

  node bench/fuzz-grpc.ts --calls 1000000 --seed 7

  --calls N         ends after so many; 20000 unless given
  --seed N          drawn and printed unless given
  --from I          begins at call I: replays one that is printed at fault, with --calls 1
  --connections N   32 unless given
  --json FILE       writes the result there; - is standard output

Exit code 1 where anything was wrong.
`;
/** A label as the last bytes of an answer: eight little-endian bytes in raw contents. */
const LABEL_BYTES = 8;

await runFuzz<GrpcScenario>({
  name: 'fuzz-grpc', help: HELP, unit: 'calls', connections: 32,
  start: async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const broker = await startFuzzBroker(address);
    return { broker, fuzzed: async (seed) => {
      const targets = await targetsOf(broker.url);
      const isControl = await controlOf(address, seed, targets);
      return {
        scenario: (index) => grpcScenario(seed, index, targets),
        requestsOf: () => 1,
        client: () => {
          const client = new GrpcFuzzClient({ address, hangMs: HANG_MS });
          return { play: (played) => playCall(client, played, isControl), close: () => client.close() };
        },
        tell: ({ index, title, ending, headers, pieces }) => ({
          title: `call ${index} (${title}, ${ending})`,
          lines: [`headers: ${JSON.stringify(headers)}`, `bytes: ${Buffer.concat(pieces).toString('base64').slice(0, PRINTED_BYTES)}`],
        }),
      };
    } };
  },
});

/** Status `none`: the caller went before there was one. */
async function playCall(client: GrpcFuzzClient, played: GrpcScenario, isControl: (body: Buffer) => boolean): Promise<Played> {
  const outcome = await client.play(played);
  const fault = judgeCall(outcome, played, isControl);
  return { statuses: [outcome.code ?? 'none'], ...(fault === undefined ? {} : { fault }) };
}

async function targetsOf(url: string): Promise<GrpcTargets> {
  const { inputs: [input] } = (await (await fetch(`${url}/v2/models/eight`)).json()) as { inputs: { name: string }[] };
  if (input === undefined) throw new Error('the model has no input');
  return { ...grpcAsks(input.name), input: input.name };
}

/** What tells the answer to the control question, asked while nothing else goes on: the label at its end. */
async function controlOf(address: string, seed: number, targets: GrpcTargets): Promise<(body: Buffer) => boolean> {
  const client = new GrpcFuzzClient({ address, hangMs: HANG_MS });
  let at = 0;
  while (!grpcScenario(seed, at, targets).control) at++;
  const { code, text, body } = await client.play(grpcScenario(seed, at, targets));
  client.close();
  if (code !== 0) throw new Error(`no model answers the control call: ${code ?? 'no status'} ${text ?? ''}`);
  const label = body.subarray(-LABEL_BYTES);
  return (other) => other.length > LABEL_BYTES && label.equals(other.subarray(-LABEL_BYTES));
}
