import { CONTROLLERS } from '../simulator/rules.ts';
import { planWorld } from './plan.ts';
import { playWorld, WorldFault } from './world.ts';

/** Seeds `from` … `to` − 1. */
export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

export interface WorldsTally extends SeedRange {
  readonly worlds: number;
  readonly answered: number;
  readonly byModel: number;
  readonly cancelled: number;
  readonly batches: number;
  readonly faults: readonly string[];
}

/** Worlds are played under our own controllers only. */
export const WORLD_RULES: readonly string[] = CONTROLLERS;

export function playRange({ from, to }: SeedRange): WorldsTally {
  let answered = 0, byModel = 0, cancelled = 0, batches = 0;
  const faults: string[] = [];
  for (let seed = from; seed < to; seed++) {
    try {
      const end = playWorld(planWorld(seed, WORLD_RULES));
      answered += end.answered;
      byModel += end.byModel;
      cancelled += end.cancelled;
      batches += end.batches;
    } catch (error) {
      if (!(error instanceof WorldFault)) throw error;
      faults.push(error.message);
    }
  }
  return { from, to, worlds: to - from, answered, byModel, cancelled, batches, faults };
}
