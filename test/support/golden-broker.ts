import { fileURLToPath } from 'node:url';
import { BrokerProcess, until } from './broker-process.ts';

const MODEL = fileURLToPath(new URL('../../deploy/demo/models/digits-mlp/1/model.onnx', import.meta.url));
const YAML = `
models:
  - { name: half, version: 1, labels: [stable], container: synthetic, slo_ms: 10000, input: { dtype: float32, shape: [4] }, output: { kind: value } }
  - { name: half, version: 2, container: synthetic, slo_ms: 10000, input: { dtype: float32, shape: [4] }, output: { kind: value } }
  - { name: digits, version: 3, slo_ms: 10000, container: onnx, path: ${MODEL}, output: { name: probabilities, kind: probabilities } }
apps:
  - { name: app1, arms: [digits], slo_ms: 10000, default: -1 }
`;

/** The broker that the golden transcripts of the foreign protocols were taken from, ready, with the address of its gRPC door. */
export async function startGoldenBroker(context: { after(clean: () => Promise<void>): void }): Promise<{ broker: BrokerProcess; address: string }> {
  const broker = await (await BrokerProcess.start(context, { yaml: YAML, env: { TRADEWIND_LISTEN_GRPC: '127.0.0.1:0' } })).ready();
  const listening = await until('told', () => broker.log.find(({ msg }) => msg === 'listening'));
  return { broker, address: String(listening['grpc']) };
}
