import { parentPort, workerData } from 'node:worker_threads';
import { SqliteState } from './state.ts';
import type { StoreCall, StoreReply } from './store.ts';

/** The storage thread: opens the state file, then does what it is told, one call after another. */
const port = parentPort;
if (port === null) throw new Error('the storage worker is started as a worker thread');
const reply = (message: StoreReply): void => port.postMessage(message);

try {
  const state = new SqliteState((workerData as { folder: string }).folder);
  port.on('message', ({ id, call }: { id: number; call: StoreCall }) => {
    try {
      reply({ id, value: perform(state, call) });
      if (call.kind === 'close') port.close();
    } catch (thrown) {
      reply({ id, error: (thrown as Error).message });
    }
  });
  reply({ id: 0, value: undefined });
} catch (thrown) {
  const { message, code, syscall, path } = thrown as NodeJS.ErrnoException;
  reply({ id: 0, error: message, system: { ...(code === undefined ? {} : { code }), ...(syscall === undefined ? {} : { syscall }), ...(path === undefined ? {} : { path }) } });
  port.close();
}

function perform(state: SqliteState, call: StoreCall): unknown {
  switch (call.kind) {
    case 'loadDesired': return state.loadDesired();
    case 'saveDesired': return state.saveDesired(call.expectedRevision, call.revision, call.state);
    case 'receiptKeys': return state.receiptKeys();
    case 'loadLatencies': return state.loadLatencies();
    case 'saveLatencies': return state.saveLatencies(call.records, call.most);
    case 'close': return state.close();
  }
}
