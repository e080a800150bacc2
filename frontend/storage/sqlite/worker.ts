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
    const failed = (thrown: unknown): void => reply({ id, error: (thrown as Error).message });
    try {
      const value = perform(state, call);
      if (value instanceof Promise) void value.then(() => reply({ id, value: undefined }), failed);
      else reply({ id, value });
      if (call.kind === 'close') port.close();
    } catch (thrown) {
      failed(thrown);
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
    case 'saveDesired': return state.saveDesired(call.expectedRevision, call.revision, call.state, call.entry);
    case 'receiptKeys': return state.receiptKeys();
    case 'loadLatencies': return state.loadLatencies();
    case 'saveLatencies': return state.saveLatencies(call.records, call.most);
    case 'loadNotes': return state.loadNotes(call.of);
    case 'saveNotes': return state.saveNotes(call.of, call.notes, call.most);
    case 'record': return state.record(call.entry);
    case 'audit': return state.audit(call.page);
    case 'loadTokens': return state.loadTokens();
    case 'saveTokens': return state.saveTokens(call.tokens, call.entry);
    case 'copy': return state.copyTo(call.file);
    case 'close': return state.close();
  }
}
