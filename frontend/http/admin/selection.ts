import type { FastifyInstance } from 'fastify';
import { BrokerError } from '../../domain/errors.ts';
import { StoreFault, type FeedbackVerdict } from '../../domain/feedback.ts';
import type { Steering } from '../../domain/model.ts';
import type { ActRoute } from './change-route.ts';
import { readQuery } from './query.ts';

/** What admin needs of selection: frontend/serving/selection/selection-view.ts and the journal, as plain data. */
export interface AdminSelection {
  /** How the app chooses now; undefined where there is no such app. */
  view(app: string): SelectionOfApp | undefined;
  /** The same for one value of its context key; undefined where there is no such app, or it does not learn by key. */
  keyView(app: string, value: string): Promise<SelectionOfApp | undefined>;
  /** Forgets what was learned of one value of the context key; false as above. */
  forgetKey(app: string, value: string): Promise<boolean>;
  /** Forgets what the app has learned; false where there is no such app. Rejects as the store does. */
  reset(app: string): Promise<boolean>;
  /** What the id says, and the record of the decision where there is one still. */
  decision(id: string): Promise<SelectionDecision | { readonly refusal: FeedbackVerdict }>;
}

interface SelectionOfApp {
  readonly view: number;
  readonly steering: Steering;
  readonly arms: readonly SelectionArm[];
  readonly policy: string;
  readonly contextual: boolean;
  readonly keyStrength?: number;
}

interface SelectionArm {
  readonly arm: string;
  readonly version: number | null;
  readonly replicas: number;
  readonly open: boolean;
  readonly share: number;
  readonly reward?: { readonly mean: number; readonly low: number; readonly high: number; readonly weight: number };
  readonly probabilityBest: number;
}

interface SelectionDecision {
  readonly app: string | undefined;
  readonly receipt: {
    readonly action: number; readonly propensity: number; readonly atEpochMs: number; readonly journal: string; readonly pinned: boolean; readonly defaulted?: boolean;
    readonly rows: number; readonly context: Uint8Array;
  };
  readonly decision: SelectionRecord | undefined;
}

interface SelectionRecord {
  readonly policy: string;
  readonly viewVersion: number;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly arms: readonly string[];
  readonly pmf: readonly number[];
  readonly mode: string;
  readonly sloMs: number;
  readonly asked: readonly { readonly arm: string; readonly version: number; readonly outputs: readonly unknown[]; readonly missed?: string; readonly decisionId?: string }[];
  readonly parent?: Uint8Array;
  readonly defaults?: readonly number[];
  readonly joint?: { readonly outputs: readonly unknown[]; readonly confidences: readonly number[] };
}

/** Registers the reading routes and the reset, in the scope of the admin routes: who may come in is decided there. */
export function selectionRoutes(fastify: FastifyInstance, act: ActRoute, selection: AdminSelection): void {
  fastify.get<{ Params: { app: string } }>('/admin/apps/:app/selection', (request, reply) => {
    readQuery(request, []);
    const view = selection.view(request.params.app);
    if (view === undefined) throw unknownApp(request.params.app);
    return reply.send(selectionOf(request.params.app, view));
  });
  // The value stands in the query, and so in no log: it may be a person's name.
  fastify.get<{ Params: { app: string } }>('/admin/apps/:app/selection/key', async (request, reply) => {
    const value = readValue(readQuery(request, ['value'])['value']);
    const view = await stored(selection.keyView(request.params.app, value));
    if (view === undefined) throw noKeys(request.params.app);
    return reply.send(selectionOf(request.params.app, view));
  });
  act('DELETE', '/admin/apps/:app/selection/key', ['value'], async ({ params: { app } }, { value }) => {
    if (!await stored(selection.forgetKey(app, readValue(value)))) throw noKeys(app);
    return { answer: { app, forgotten: true } };
  });
  act('DELETE', '/admin/apps/:app/selection/cells', [], async ({ params: { app } }) => {
    if (!await stored(selection.reset(app))) throw unknownApp(app);
    return { answer: { app, reset: true } };
  });
  fastify.get<{ Params: { decision: string } }>('/admin/decisions/:decision', async (request, reply) => {
    readQuery(request, []);
    const found = await stored(selection.decision(request.params.decision));
    if ('refusal' in found) throw new BrokerError(found.refusal.kind === 'refused' ? found.refusal.code : 'unknown_decision');
    if (found.app === undefined) throw new BrokerError('unknown_decision');
    return reply.send(decisionView(request.params.decision, found));
  });
}

function decisionView(id: string, { app, receipt, decision }: SelectionDecision): object {
  const { propensity, journal, pinned, defaulted = false, rows, atEpochMs, context } = receipt;
  return {
    decision_id: id, app, at: new Date(atEpochMs).toISOString(), mode: pinned ? 'pinned' : defaulted ? 'default' : 'policy', propensity, rows, journal,
    context_hash: Buffer.from(context).toString('hex'),
    record: decision === undefined ? null : {
      policy: decision.policy, view: decision.viewVersion, slo_ms: decision.sloMs, mode: decision.mode, arms: decision.arms, probabilities: decision.pmf,
      asked: decision.asked.map(({ decisionId, ...asked }) => (decisionId === undefined ? asked : { ...asked, decision_id: decisionId })),
      ...(decision.defaults === undefined ? {} : { defaults: decision.defaults }), ...(decision.parent === undefined ? {} : { parent: Buffer.from(decision.parent).toString('hex') }),
      ...(decision.context === undefined ? {} : { context: decision.context }), ...(decision.joint === undefined ? {} : { together: decision.joint }),
    },
  };
}

function selectionOf(app: string, { policy, contextual, steering, arms, view, keyStrength }: SelectionOfApp): object {
  return {
    app, policy, contextual, view, steering, ...(keyStrength === undefined ? {} : { key_strength: keyStrength }),
    arms: arms.map(({ probabilityBest, ...arm }) => ({ ...arm, probability_best: probabilityBest })),
  };
}

function readValue(value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new BrokerError('invalid_field', 'Expected one value of the context key.', { path: '?value' });
}

function noKeys(app: string): BrokerError {
  return new BrokerError('unknown_app', `There is no app "${app}" that learns by a context key.`);
}

function unknownApp(app: string): BrokerError {
  return new BrokerError('unknown_app', `There is no app "${app}".`);
}

async function stored<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof StoreFault) throw new BrokerError('feedback_unavailable', thrown.message);
    throw thrown;
  }
}
