import { readRecording } from '../../frontend/domain/recording.ts';
import type { RequestParts } from './http-request.ts';

/** The requests of a recording (frontend/domain/recording.ts), each to the app that it was recorded of. Throws where a line is none. */
export function replayedRequests(text: string, host: string): readonly RequestParts[] {
  const { requests, faults } = readRecording(text);
  const [fault] = faults;
  if (fault !== undefined) throw new Error(`line ${fault.line} of the recording ${fault.why}`);
  if (requests.length === 0) throw new Error('the recording is empty');
  return requests.map(({ app, body }, i) => {
    if (app === undefined) throw new Error(`request ${i + 1} of the recording names no app`);
    return { path: `/v1/apps/${app}/predict`, host, body, contentType: 'application/json' };
  });
}
