import { processCpuMicros } from '../load/process-cpu.ts';
import { GrpcConnection } from './grpc-connection.ts';
import type { GrpcPlan, GrpcReport } from './grpc-load.ts';

interface Loop {
  readonly bodies: readonly Buffer[];
  sequence: number;
  answered: number;
  /** Calls that are not answered yet; none begins once it is `over`. */
  underWay: number;
  over: boolean;
}

/** The generator's own process: a closed loop of unary calls, `calls` of them at a time over each connection. */
async function generate(plan: GrpcPlan): Promise<GrpcReport> {
  const { connections, seconds, warmupSeconds, watchPid } = plan;
  const loop: Loop = { bodies: plan.messages.map((message) => Buffer.from(message, 'base64')), sequence: 0, answered: 0, underWay: 0, over: false };
  let drained = (): void => undefined;
  let broken = (_why: Error): void => undefined;
  const end = new Promise<void>((resolve, reject) => {
    drained = resolve;
    broken = reject;
  });
  const opened = Array.from({ length: connections }, () => connectionOf(plan, loop, { drained, broken }));
  try {
    await Promise.race([wait(warmupSeconds), end]);
    const [fromCpu, fromAnswers, fromMs] = [processCpuMicros(watchPid), loop.answered, performance.now()];
    await Promise.race([wait(seconds), end]);
    const [cpuMicros, answers, spentMs] = [processCpuMicros(watchPid) - fromCpu, loop.answered - fromAnswers, performance.now() - fromMs];
    loop.over = true;
    if (loop.underWay > 0) await end;
    if (answers === 0) throw new Error('no call was answered');
    return { answers, cpuMicros, seconds: spentMs / 1000 };
  } finally {
    for (const connection of opened) connection.close();
  }
}

function connectionOf({ address, path, calls }: GrpcPlan, loop: Loop, { drained, broken }: { drained: () => void; broken: (why: Error) => void }): GrpcConnection {
  const colon = address.lastIndexOf(':');
  const next = (): void => {
    loop.underWay++;
    connection.call(loop.bodies[loop.sequence++ % loop.bodies.length] as Buffer);
  };
  const connection = new GrpcConnection({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) }, path, {
    ready: () => {
      for (let call = 0; call < calls && !loop.over; call++) next();
    },
    answered: () => {
      loop.answered++;
      loop.underWay--;
      if (!loop.over) next();
      else if (loop.underWay === 0) drained();
    },
    failed: (why) => broken(new Error(`gRPC to ${address}: ${why}`)),
  });
  return connection;
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
