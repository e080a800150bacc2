/** One event of a stream. */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/**
 * Cuts a text that comes in pieces into server-sent events (WHATWG HTML §9.2.6), as far as this broker writes them. `fetch`
 * is asked instead of `EventSource`, which can send no bearer token.
 */
export class EventStreamParser {
  #rest = '';

  /** The events that `piece` ends. */
  push(piece: string): StreamEvent[] {
    const blocks = (this.#rest + piece).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map(parse).filter(({ data }) => data !== '');
  }
}

function parse(block: string): StreamEvent {
  let name = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) name = line.slice('event: '.length);
    if (line.startsWith('data: ')) data.push(line.slice('data: '.length));
  }
  return { name, data: data.join('\n') };
}
