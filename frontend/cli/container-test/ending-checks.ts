import { parseGoodbye } from '../../../protos/parse-headers.ts';
import { controlFrame, FRAME } from '../../../protos/wire.ts';
import { batchFrame, type SentTensor } from './broker-link.ts';
import type { Check } from './check.ts';
import { expect } from './failed.ts';
import { rowValues, sampleRows } from './sample-rows.ts';
import { endText, type Served, type Trial } from './trial.ts';

function twoRows({ options: { row, echo } }: Trial, { inputs }: Served): SentTensor[] {
  return sampleRows(inputs, 2, row === undefined ? { patterned: echo } : { values: [rowValues(inputs, row)] });
}

/** Waits for goodbye, then for the end with code 0. */
async function leaves(trial: Trial, { started, worker }: Served, when: string): Promise<void> {
  const { code } = parseGoodbye((await trial.within(started, `goodbye drained ${when}`, worker.next(FRAME.goodbye))).header);
  expect(code === 'drained', `goodbye drained ${when}`, `goodbye ${code}`);
  const end = await trial.end(started, `the process to end ${when}`);
  expect(end.code === 0, `exit code 0 ${when}`, endText(end));
}

async function drain(trial: Trial): Promise<undefined> {
  const served = await trial.serve();
  const { worker, started } = served;
  worker.write(Buffer.concat([batchFrame(1, 2, twoRows(trial, served)), controlFrame(FRAME.drain)]));
  await trial.within(started, 'the answer to a batch that came before the drain', worker.reply(1, 2));
  await leaves(trial, served, 'after drain');
  return undefined;
}

async function sigterm(trial: Trial): Promise<undefined> {
  const served = await trial.serve();
  served.started.child.kill('SIGTERM');
  await leaves(trial, served, 'after SIGTERM');
  return undefined;
}

/** With its connections cut while a batch is with it. */
async function vanishedBroker(trial: Trial): Promise<undefined> {
  const served = await trial.serve({ byHand: true });
  const { worker, started } = served;
  const watchdog = await trial.within(started, 'the connection of the watchdog', started.accept());
  await trial.within(started, 'the hello of the watchdog', watchdog.hello());
  watchdog.welcome();
  await trial.within(started, 'a heartbeat', watchdog.next(FRAME.heartbeat));
  worker.batch(1, 2, twoRows(trial, served));
  worker.destroy();
  watchdog.destroy();
  await trial.fails(started, 'once its broker is gone');
  return undefined;
}

/** Its watchdog alone must notice: the worker's thread may be computing. */
async function lostWatchdog(trial: Trial): Promise<undefined> {
  const { started } = await trial.serve({ byHand: true });
  const watchdog = await trial.within(started, 'the connection of the watchdog', started.accept());
  await trial.within(started, 'the hello of the watchdog', watchdog.hello());
  watchdog.welcome();
  await trial.within(started, 'a heartbeat', watchdog.next(FRAME.heartbeat));
  watchdog.destroy();
  await trial.fails(started, 'once the connection of its watchdog ended');
  return undefined;
}

/** Bytes that no broker sends end the connection with goodbye protocol_error, and the process, which is owned, with it. */
function broken(name: string, what: string, bytes: (tensors: readonly SentTensor[]) => Buffer): Check {
  const run = async (trial: Trial): Promise<undefined> => {
    const served = await trial.serve();
    const { worker, started } = served;
    worker.write(bytes(twoRows(trial, served)));
    const expected = `goodbye protocol_error for ${what}`;
    const { code } = parseGoodbye((await trial.within(started, expected, worker.next(FRAME.goodbye))).header);
    expect(code === 'protocol_error', expected, `goodbye ${code}`);
    await trial.fails(started, `after ${what}`);
    return undefined;
  };
  return { name, promise: `ends the connection, with goodbye protocol_error, on ${what}`, run };
}

/** The prefix of a batch with these lengths. */
function prefix(header: number, payload: number): Buffer {
  const bytes = Buffer.from([0x54, 0x57, 1, FRAME.batch, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
  bytes.writeUInt32LE(header, 4);
  bytes.writeUInt32LE(payload, 8);
  return bytes;
}

const GARBAGE = Buffer.from('GET / HTTP/1.1\r\nHost: tradewind.example\r\nAccept: */*\r\n\r\n');

export const ENDING_CHECKS: readonly Check[] = [
  { name: 'drain', promise: 'answers what it has, says goodbye and ends with 0 on drain', run: drain },
  { name: 'sigterm', promise: 'does the same on SIGTERM', run: sigterm },
  { name: 'vanished-broker', promise: 'ends when its broker does', run: vanishedBroker },
  { name: 'lost-watchdog', promise: "ends when its watchdog's connection does", run: lostWatchdog },
  broken('garbage', 'bytes that are no frame', () => GARBAGE),
  broken('wire-version', 'a frame of another wire version', (tensors) => {
    const frame = batchFrame(1, 2, tensors);
    frame[2] = 2;
    return frame;
  }),
  broken('too-long', 'a frame over the limits', () => prefix(16, 0xffff_ffff)),
  broken('not-msgpack', 'a header that is no msgpack map', () => Buffer.concat([prefix(8, 0), Buffer.alloc(8, 0xc1)])),
  broken('wrong-lengths', 'a batch whose tensors do not fill its payload', (tensors) => {
    const frame = Buffer.concat([batchFrame(1, 2, tensors), Buffer.alloc(16)]);
    frame.writeUInt32LE(frame.readUInt32LE(8) + 16, 8);
    return frame;
  }),
  broken('wrong-way', 'a frame that only containers send', () => controlFrame(FRAME.credit, { n: 1 })),
];
