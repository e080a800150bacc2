import { parentPort, workerData } from 'node:worker_threads';
import { StoreFault, type StoreTrouble } from '../../domain/feedback.ts';
import { ByteRing } from './byte-ring.ts';
import { unpackCall, type FeedbackCall, type FeedbackReply, type FeedbackWord } from './feedback-call.ts';
import { FeedbackDatabase } from './feedback-database.ts';

/** Calls that are put to the disk together at most. */
const MOST_CALLS = 4_096;
/** https://www.sqlite.org/rescode.html */
const TROUBLES: ReadonlyMap<number, StoreTrouble> = new Map([[13, 'full'], [5, 'locked'], [6, 'locked'], [11, 'corrupt'], [26, 'corrupt'], [14, 'gone']]);

/**
 * The feedback thread: woken once a turn of the broker's event loop, it carries out what lies in the ring as one
 * transaction, and answers all of it together once that is on the disk.
 */
const port = parentPort;
if (port === null) throw new Error('the feedback worker is started as a worker thread');
const { folder, memory } = workerData as { folder: string; memory: SharedArrayBuffer };
const ring = new ByteRing(memory);
const say = (replies: readonly FeedbackReply[]): void => port.postMessage(replies);

try {
  const database = new FeedbackDatabase(folder);
  port.on('message', (word: FeedbackWord) => {
    if (typeof word === 'object') {
      const { copyTo, id } = word;
      void database.copyTo(copyTo).then(() => say([{ id, value: undefined }]), (thrown: unknown) => say([{ id, ...failure(thrown) }]));
      return;
    }
    for (let calls = take(); calls.length > 0; calls = take()) say(carryOut(database, calls));
    if (word === 'wake') return;
    database.close();
    port.close();
  });
  say([{ id: 0, value: undefined }]);
} catch (thrown) {
  say([{ id: 0, ...failure(thrown) }]);
  port.close();
}

interface NumberedCall {
  readonly id: number;
  readonly call: FeedbackCall;
}

function take(): NumberedCall[] {
  const calls: NumberedCall[] = [];
  for (let frame = ring.read(); frame !== undefined; frame = calls.length < MOST_CALLS ? ring.read() : undefined) calls.push(unpackCall(frame));
  return calls;
}

/** All together; where that fails, each by itself, so that only what is wrong fails. */
function carryOut(database: FeedbackDatabase, calls: readonly NumberedCall[]): readonly FeedbackReply[] {
  try {
    database.begin();
    const replies = calls.map(({ id, call }) => ({ id, value: perform(database, call) }));
    database.commit();
    return replies;
  } catch (thrown) {
    database.rollback();
    const [only] = calls;
    if (only !== undefined && calls.length === 1) return [{ id: only.id, ...failure(thrown) }];
    return calls.flatMap((call) => carryOut(database, [call]));
  }
}

function perform(database: FeedbackDatabase, call: FeedbackCall): unknown {
  switch (call.kind) {
    case 'serve': return database.serve(call.apps);
    case 'commit': {
      const outcomes = call.commits.map((commit) => database.claim(call.app, commit));
      // Mostly there is nothing to say of them.
      return outcomes.every(({ kind }) => kind === 'applied') ? undefined : outcomes;
    }
    case 'removeCells': return database.removeCells(call.app, call.cells);
    case 'readKeys': return database.readKeys(call.app, call.contexts);
    case 'removeKey': return database.removeKey(call.app, call.context, call.cells);
    case 'append': return database.append(call.app, call.decisions);
    case 'decisions': return database.decisions(call.app, call.keys);
    case 'due': return database.due(call.app, call.beforeEpochMs);
    case 'swept': return database.swept(call.app, call.cursor);
    case 'trim': return database.trim(call.app, call.nowEpochMs);
    case 'saveRevisions': return database.saveRevisions(call.revisions);
    case 'loadRevisions': return database.loadRevisions();
  }
}

function failure(thrown: unknown): { trouble: StoreTrouble; error: string } {
  const { message } = thrown as Error;
  if (thrown instanceof StoreFault) return { trouble: thrown.trouble, error: message };
  const { errcode = 0 } = thrown as { errcode?: number };
  return { trouble: TROUBLES.get(errcode & 0xff) ?? 'failed', error: message };
}
