import { readFileSync } from 'node:fs';

const FOLDER = new URL('../../deploy/demo/', import.meta.url);

/** The configuration that the demo's broker serves: that of deploy/demo/tradewind.yaml, but that the best model breaks on command. */
export const ADAPT_CONFIG = new URL('adapt.yaml', FOLDER);

/** Held-out scans: rows of 64 pixels of 0 to 16, and which digit each is. */
export interface Heldout {
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly number[];
}

/** One model of the card: how many held-out rows it must get right. */
export interface CardModel {
  readonly name: string;
  readonly version: number;
  readonly accuracy: number;
  readonly correct: number;
}

export interface Card {
  readonly heldout: number;
  readonly best: string;
  readonly models: readonly CardModel[];
}

export function readHeldout(): Heldout {
  return JSON.parse(readFileSync(new URL('heldout.json', FOLDER), 'utf8')) as Heldout;
}

export function readCard(): Card {
  return JSON.parse(readFileSync(new URL('models.json', FOLDER), 'utf8')) as Card;
}
