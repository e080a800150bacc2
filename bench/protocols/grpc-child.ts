import { Client, credentials } from '@grpc/grpc-js';
import { processCpuMicros } from '../load/process-cpu.ts';
import type { GrpcPlan, GrpcReport } from './grpc-load.ts';

/** The generator's own process: a closed loop of unary calls, `calls` of them at a time over each connection. */
async function generate({ address, path, messages, connections, calls, seconds, warmupSeconds, watchPid }: GrpcPlan): Promise<GrpcReport> {
  const bodies = messages.map((message) => Buffer.from(message, 'base64'));
  const clients = Array.from({ length: connections }, (_, at) => new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1, 'tradewind.connection': at }));
  const asItIs = (message: Buffer): Buffer => message;
  let sequence = 0;
  let answered = 0;
  let over = false;
  const failed: { first: Error | undefined } = { first: undefined };
  const loop = (client: Client): Promise<void> => new Promise((resolve) => {
    const next = (): void => {
      if (over || failed.first !== undefined) return resolve();
      client.makeUnaryRequest(path, asItIs, asItIs, bodies[sequence++ % bodies.length] as Buffer, (error) => {
        if (error !== null) failed.first ??= error;
        answered++;
        next();
      });
    };
    next();
  });
  const loops = clients.flatMap((client) => Array.from({ length: calls }, () => loop(client)));
  await wait(warmupSeconds);
  const [fromCpu, fromAnswers, fromMs] = [processCpuMicros(watchPid), answered, performance.now()];
  await wait(seconds);
  const [cpuMicros, answers, spentMs] = [processCpuMicros(watchPid) - fromCpu, answered - fromAnswers, performance.now() - fromMs];
  over = true;
  await Promise.all(loops);
  for (const client of clients) client.close();
  if (failed.first !== undefined) throw failed.first;
  return { answers, cpuMicros, seconds: spentMs / 1000 };
}

function wait(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

process.once('disconnect', () => process.exit(1));
process.once('message', (plan) => {
  generate(plan as GrpcPlan).then((report) => process.send?.({ report }), (error: unknown) => process.send?.({ failed: String(error) })).finally(() => {
    process.removeAllListeners('disconnect');
    process.disconnect();
  });
});
