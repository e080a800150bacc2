import type { FastifyInstance } from 'fastify';
import { BrokerError } from '../../domain/errors.ts';
import { StoreFault, type FeedbackVerdict } from '../../domain/feedback.ts';
import type { Steering } from '../../domain/model.ts';
import { readQuery } from './query.ts';

/** What admin needs of selection: frontend/serving/selection/selection-view.ts and the journal, as plain data. */
export interface AdminSelection {
  /** How the app chooses now; undefined where there is no such app. */
  view(app: string): { readonly view: number; readonly steering: Steering; readonly arms: readonly SelectionArm[]; readonly policy: string; readonly contextual: boolean } | undefined;
  /** Forgets what the app has learned; false where there is no such app. Rejects as the store does. */
  reset(app: string): Promise<boolean>;
  /** What the id says, and the record of the decision where there is one still. */
  decision(id: string): Promise<SelectionDecision | { readonly refusal: FeedbackVerdict }>;
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
  readonly asked: readonly { readonly arm: string; readonly version: number; readonly outputs: readonly unknown[]; readonly missed?: string }[];
  readonly joint?: { readonly outputs: readonly unknown[]; readonly confidences: readonly number[] };
}

/** Registers the reading routes and the reset, in the scope of the admin routes: who may come in is decided there. */
export function selectionRoutes(fastify: FastifyInstance, selection: AdminSelection): void {
  fastify.get<{ Params: { app: string } }>('/admin/apps/:app/selection', (request, reply) => {
    readQuery(request, []);
    const view = selection.view(request.params.app);
    if (view === undefined) throw unknownApp(request.params.app);
    const { policy, contextual, steering, arms } = view;
    return reply.send({
      app: request.params.app, policy, contextual, view: view.view, steering,
      arms: arms.map(({ probabilityBest, ...arm }) => ({ ...arm, probability_best: probabilityBest })),
    });
  });
  fastify.delete<{ Params: { app: string } }>('/admin/apps/:app/selection/cells', async (request, reply) => {
    readQuery(request, []);
    if (!await stored(selection.reset(request.params.app))) throw unknownApp(request.params.app);
    return reply.send({ app: request.params.app, reset: true });
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
      policy: decision.policy, view: decision.viewVersion, slo_ms: decision.sloMs, mode: decision.mode, arms: decision.arms, probabilities: decision.pmf, asked: decision.asked,
      ...(decision.context === undefined ? {} : { context: decision.context }), ...(decision.joint === undefined ? {} : { together: decision.joint }),
    },
  };
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
