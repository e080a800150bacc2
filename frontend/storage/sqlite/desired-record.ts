import { nameRecord } from '../../domain/model.ts';
import type { DesiredState } from '../../domain/model.ts';

/** The record as it is stored: JSON. */
export function writeDesired(state: DesiredState): string {
  return JSON.stringify(state);
}

/** The reverse; the text is our own, the records over names get their form back. */
export function readDesired(text: string): DesiredState {
  const state = JSON.parse(text) as DesiredState;
  return {
    ...state,
    models: nameRecord(Object.entries(state.models)),
    labels: nameRecord(Object.entries(state.labels).map(([model, of]) => [model, nameRecord(Object.entries(of))] as const)),
    apps: nameRecord(Object.entries(state.apps)),
    ...named('steering', state.steering), ...named('rules', state.rules), ...named('former', state.former), ...named('fromSources', state.fromSources),
  };
}

function named<K extends string, V>(key: K, record: Readonly<Record<string, V>> | undefined): Partial<Record<K, Readonly<Record<string, V>>>> {
  return record === undefined ? {} : ({ [key]: nameRecord(Object.entries(record)) } as Record<K, Readonly<Record<string, V>>>);
}
