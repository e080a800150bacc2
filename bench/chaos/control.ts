import { request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

/** Asks the broker over its control socket; undefined where it broke off, so that nobody knows what became of it. */
export function ask(socketPath: string, method: string, path: string, options: { readonly body?: unknown; readonly ifMatch?: string } = {}): Promise<Answered | undefined> {
  return new Promise((resolve) => {
    const headers = { ...(method === 'GET' ? {} : { 'content-type': 'application/json' }), ...(options.ifMatch === undefined ? {} : { 'if-match': options.ifMatch }) };
    const call = request({ socketPath, method, path, headers, agent: false }, (response) => {
      text(response).then((said) => resolve({ status: response.statusCode ?? 0, body: said === '' ? undefined : JSON.parse(said) as unknown }), () => resolve(undefined));
    });
    call.on('error', () => resolve(undefined));
    call.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}
