import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { BrokerCalls } from '../../frontend/cli/broker/call.ts';

export interface Asked {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

/** Something that answers like a broker; `asked` is what came. */
export async function answeringBroker(t: { after(run: () => void): void }, answer: (asked: Asked) => { readonly status?: number; readonly body: unknown; readonly headers?: Record<string, string> }): Promise<{ readonly calls: BrokerCalls; readonly url: string; readonly asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const one = { method: request.method, path: request.url, body, headers: request.headers };
    asked.push(one);
    const { status = 200, body: said, headers = {} } = answer(one);
    response.writeHead(status, headers).end(typeof said === 'string' ? said : JSON.stringify(said));
  };
  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, asked, calls: new BrokerCalls({ kind: 'url', url: new URL(url), token: 'secret' }) };
}
