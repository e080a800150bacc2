import type { ServerResponse } from 'node:http';
import type { AppFigures, ModelFigures, Snapshot, Trouble } from '../../dashboard/snapshot.ts';
import { BrokerError } from '../../domain/errors.ts';

const MOST_STREAMS = 32;
/** A reader that lets so much lie is cut off; it may come again. */
const MOST_WAITING_BYTES = 1024 * 1024;

/** The rows that all streams were told last, each as its JSON. */
interface Told {
  readonly apps: ReadonlyMap<string, string>;
  readonly models: ReadonlyMap<string, string>;
  readonly troubles: readonly Trouble[];
  readonly broker: string;
  readonly at: number;
}

/**
 * Streams of server-sent events (WHATWG HTML §9.2) that all say the same: one snapshot a tick, written once, in which only
 * rows stand that have changed. While nobody looks there is none.
 */
export class EventHub {
  readonly #streams = new Set<ServerResponse>();
  readonly #look: () => Snapshot;
  #told: Told | undefined;
  #closed = false;

  constructor(look: () => Snapshot) {
    this.#look = look;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** Throws `BrokerError` where there are as many as may be; what else throws happens before anything is written. */
  open(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
    if (this.#closed) throw new BrokerError('draining');
    if (this.#streams.size >= MOST_STREAMS) throw new BrokerError('overloaded', `As many dashboards are open as may be: ${MOST_STREAMS}.`);
    const told = (this.#told ??= rowsOf(this.#look()));
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    response.write(stateEvent(told));
    this.#streams.add(response);
    response.once('close', () => this.#left(response));
  }

  /** Tells everybody what is new. */
  tick(): void {
    if (this.#told === undefined) return;
    const told = rowsOf(this.#look());
    const event = tickEvent(this.#told, told);
    this.#told = told;
    for (const response of this.#streams) {
      if (response.writableLength > MOST_WAITING_BYTES) response.destroy();
      else response.write(event);
    }
  }

  /** Ends every stream; takes no more. */
  close(): void {
    this.#closed = true;
    for (const response of this.#streams) response.end();
  }

  #left(response: ServerResponse): void {
    this.#streams.delete(response);
    if (this.#streams.size === 0) this.#told = undefined;
  }
}

function rowsOf({ at, broker, apps, models, troubles }: Snapshot): Told {
  return {
    at, troubles, broker: JSON.stringify(broker),
    apps: new Map(apps.map((app: AppFigures) => [app.name, JSON.stringify(app)])),
    models: new Map(models.map((model: ModelFigures) => [model.key, JSON.stringify(model)])),
  };
}

function stateEvent({ at, broker, apps, models, troubles }: Told): string {
  return event('state', `{"at":${at},"broker":${broker},"apps":[${[...apps.values()].join()}],"models":[${[...models.values()].join()}],"troubles":${JSON.stringify(troubles)}}`);
}

function tickEvent(before: Told, now: Told): string {
  const changed = (kind: 'apps' | 'models'): string => [...now[kind]].flatMap(([name, row]) => (before[kind].get(name) === row ? [] : [row])).join();
  const gone = (kind: 'apps' | 'models'): string[] => [...before[kind].keys()].filter((name) => !now[kind].has(name));
  const troubles = now.troubles === before.troubles ? '' : `,"troubles":${JSON.stringify(now.troubles)}`;
  return event('tick', `{"at":${now.at},"broker":${now.broker},"apps":[${changed('apps')}],"models":[${changed('models')}]${troubles},"gone":${JSON.stringify({ apps: gone('apps'), models: gone('models') })}}`);
}

/** JSON has no line ends of its own. */
function event(name: string, json: string): string {
  return `event: ${name}\ndata: ${json}\n\n`;
}
