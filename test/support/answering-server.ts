import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const MODEL_ANSWER = '{"decision_id":"d","output":3,"model":"m","version":1,"source":"model","latency_ms":0.4}';

/** A bare HTTP server that reads each body and answers what `reply` says of it. */
export interface AnsweringServer {
  readonly url: string;
  readonly bodies: string[];
  close(): Promise<void>;
}

export type Reply = (body: string, response: ServerResponse, request: IncomingMessage) => void;

export function json(response: ServerResponse, body: string, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
}

export async function answeringServer(reply: Reply = (_body, response) => json(response, MODEL_ANSWER)): Promise<AnsweringServer> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => { body += chunk; }).on('end', () => {
      bodies.push(body);
      reply(body, response, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref(); // a test that fails before it closes the server still ends
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
