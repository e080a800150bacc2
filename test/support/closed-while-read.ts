/** A program for a memory checker: connections to a model's server that are closed while an answer is being read from them. */
import { GrpcServer } from '../../frontend/rpc/oip/grpc-server.ts';
import { SendBuffers } from '../../frontend/rpc/send-buffers.ts';
import { batchOf, pairQuery } from './batches.ts';
import { OipStub } from './oip-stub.ts';

const ROUNDS = 10;

const ends: (() => unknown)[] = [];
const { port } = await OipStub.open({ after: (end) => void ends.push(end) }, { protocol: 'grpc' });

/** Given up within the answer to a batch, when more has been asked. */
function one(): Promise<void> {
  return new Promise((resolve) => {
    const server = new GrpcServer({ protocol: 'grpc', tls: false, host: '127.0.0.1', port, origin: `http://127.0.0.1:${port}` }, { model: 'm', version: undefined, ca: undefined, maxInFlight: 1, unbatched: false }, {
      buffers: new SendBuffers(), watcher: { leaving: () => {}, gone: () => resolve() },
    });
    server.infer(batchOf(pairQuery(1)), () => {
      server.ready().catch(() => {});
      server.close();
    });
  });
}

for (let round = 0; round < ROUNDS; round++) await one();
for (const end of ends) await end();
process.stdout.write('survived\n');
