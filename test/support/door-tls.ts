import { request, type RequestOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { ClientAuth, DoorCertificate, DoorTls } from '../../frontend/domain/door-tls.ts';

/** TLS of a door under the test's hand. */
export class TestTls implements DoorTls {
  readonly clientAuth: ClientAuth;
  #current: DoorCertificate;
  readonly #followers: ((certificate: DoorCertificate) => void)[] = [];

  constructor(current: { readonly cert: string; readonly key: string; readonly ca?: string }, clientAuth: ClientAuth = 'none') {
    this.#current = { ca: undefined, ...current };
    this.clientAuth = clientAuth;
  }

  current(): DoorCertificate {
    return this.#current;
  }

  follow(changed: (certificate: DoorCertificate) => void): void {
    this.#followers.push(changed);
  }

  renew(current: { readonly cert: string; readonly key: string; readonly ca?: string }): void {
    this.#current = { ca: undefined, ...current };
    for (const changed of this.#followers) changed(this.#current);
  }
}

/** What an https request came to; rejects where there is no answer. */
export function askSecurely(options: RequestOptions & { readonly body?: string }): Promise<{ readonly status: number; readonly text: string; readonly subject: string }> {
  const { body, ...more } = options;
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', agent: false, ...more }, (response) => {
      let text = '';
      const subject = (response.socket as TLSSocket).getPeerCertificate().subject?.CN ?? '';
      response.setEncoding('utf8').on('data', (piece: string) => { text += piece; });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, subject: String(subject) }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
