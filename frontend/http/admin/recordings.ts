import Type from 'typebox';
import { BrokerError } from '../../domain/errors.ts';
import { isOfContext } from '../../domain/recording.ts';
import type { RouteEntry } from '../route-table.ts';
import type { ActRoute } from './change-route.ts';
import { actEntry } from './entries.ts';
import { name } from './path-words.ts';

/** What admin needs of the recorded requests (frontend/storage/recording-files.ts). */
export interface AdminRecordings {
  forget(app: string, isOf: (line: string) => boolean): Promise<number>;
}

const FORGOTTEN = Type.Object({ app: Type.String(), removed: Type.Integer({ description: 'Recorded requests that are gone.' }) });
const WORD = Type.String({ minLength: 1 });

export const RECORDING_ROUTES: readonly RouteEntry[] = Object.freeze([
  actEntry({
    method: 'DELETE', path: '/admin/apps/{app}/recording', operationId: 'forgetRecorded', summary: 'Takes what was recorded of one value of a context key out of the recording of an app.', schema: FORGOTTEN, errors: ['invalid_field'],
    parameters: [
      { in: 'query', name: 'key', description: 'Key of the context: `user`.', schema: WORD },
      { in: 'query', name: 'value', description: 'Its value.', schema: WORD },
    ],
  }),
]);

/** Registers the deletion of recorded requests. The app need not be there any more. The value stands in the query, and so in no log: it may be a person's name. */
export function recordingRoutes(act: ActRoute, recordings: AdminRecordings): void {
  act('DELETE', '/admin/apps/:app/recording', ['key', 'value'], async ({ params }, query) => {
    const app = name(params.app);
    const [key, value] = [word(query, 'key'), word(query, 'value')];
    const removed = await recordings.forget(app, (line) => isOfContext(line, { key, value }));
    return { answer: { app, removed }, detail: { key, removed } };
  });
}

function word(query: Readonly<Record<string, unknown>>, name: string): string {
  const value = query[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new BrokerError('invalid_field', 'Expected some text.', { path: `?${name}` });
}
