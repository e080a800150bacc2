import { fork } from 'node:child_process';
import { extname } from 'node:path';
import type { GrpcLoad } from './contender.ts';

/** One run of the gRPC generator; plain data. */
export interface GrpcPlan extends Omit<GrpcLoad, 'kind'> {
  readonly connections: number;
  /** Calls under way on each connection. */
  readonly calls: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly watchPid: number;
}

export interface GrpcReport {
  readonly answers: number;
  readonly cpuMicros: number;
  readonly seconds: number;
}

/**
 * Runs a closed loop of unary calls in a process of its own, by a client of our own (grpc-connection.ts): one of
 * `@grpc/grpc-js` costs more CPU a call than the server does, so that the server would not be busy. Rejects where any call
 * fails.
 */
export function runGrpcLoad(plan: GrpcPlan): Promise<GrpcReport> {
  const child = fork(new URL(`./grpc-child${extname(import.meta.url)}`, import.meta.url), { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.on('message', (message) => {
      const said = message as { readonly report?: GrpcReport; readonly failed?: string };
      if (said.report === undefined) reject(new Error(said.failed));
      else resolve(said.report);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => reject(new Error(`the gRPC generator ended without a report (${signal ?? code})`)));
    child.send(plan);
  });
}
