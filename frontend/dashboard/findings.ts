import { modelOfArm, readyReplicas } from './arms.ts';
import { counted, listed, milliseconds, number, objective, percent } from './format.ts';
import type { LiveState } from './live-state.ts';
import { because } from './reasons.ts';
import type { AppFigures, BrokerFigures, ModelFigures, Rate } from './snapshot.ts';

/** One thing that is wrong, in words. */
export interface Finding {
  /** `bad`: callers feel it now. `warn`: they may soon. */
  readonly severity: 'bad' | 'warn';
  readonly kind: 'app' | 'model' | 'broker';
  /** App, or key of a model version. */
  readonly subject: string;
  /** What is wrong. */
  readonly text: string;
  /** What is behind it, and what could be done; a sentence, or nothing. */
  readonly why: string;
}

/** Shares of answers that miss the objective: from here on it is said, and from here on it is bad. */
const SAID_SHARE = 0.01;
const BAD_SHARE = 0.05;
/** Fewer answers a second say nothing about a share. */
const LEAST_RATE = 0.3;
const BUSY_LOOP = 0.9;
/** From here on queries pile up. */
const FULL_LOOP = 0.98;
/** A thread that is always busy and takes less of a core than this has to wait for one. */
const STARVED_CPU = 0.5;
/** Shares of the cores' time that are stolen: each comes as pauses of many milliseconds, in which nobody is answered. */
const SAID_STOLEN = 0.05;
const BAD_STOLEN = 0.2;
/** Less than this is how clocks are kept right. */
const SAID_MOVED_MS = 60_000;

/** Everything that is wrong now, the worst first. */
export function findings(state: LiveState): readonly Finding[] {
  const found = [
    ...brokerFindings(state),
    ...[...state.apps.values()].flatMap((app) => appFindings(app, state.models)),
    ...[...state.models.values()].flatMap(modelFindings),
  ];
  return found.toSorted((a, b) => Number(b.severity === 'bad') - Number(a.severity === 'bad'));
}

/** Of all findings those that an app's view is about. */
export function ofApp(found: readonly Finding[], name: string): readonly Finding[] {
  return found.filter(({ kind, subject }) => kind === 'app' && subject === name);
}

/** Those that a model version's view is about: its own, and those of the apps that ask it. */
export function ofModel(found: readonly Finding[], key: string, { apps, models }: LiveState): readonly Finding[] {
  const asks = (name: string): boolean => apps.get(name)?.arms.some((arm) => modelOfArm(arm, models)?.key === key) ?? false;
  return found.filter(({ kind, subject }) => (kind === 'model' ? subject === key : kind === 'app' && asks(subject)));
}

function brokerFindings({ broker }: LiveState): Finding[] {
  return [...stolenFindings(broker), ...loopFindings(broker), ...clockFindings(broker)];
}

function stolenFindings({ stolen }: BrokerFigures): Finding[] {
  // A broker of an earlier version does not say.
  if (!(stolen >= SAID_STOLEN)) return [];
  return [{
    severity: stolen < BAD_STOLEN ? 'warn' : 'bad', kind: 'broker', subject: 'broker',
    text: `the hypervisor gives ${percent(stolen)} of this machine's cores to others`,
    why: 'Everything here stands still meanwhile, and answers are late whatever the models do. Ask for cores of your own, or move to a machine that has them.',
  }];
}

function clockFindings({ clockMovedMs: moved }: BrokerFigures): Finding[] {
  // A broker of an earlier version does not say.
  if (!(Math.abs(moved) >= SAID_MOVED_MS)) return [];
  return [{
    severity: 'warn', kind: 'broker', subject: 'broker', text: `the clock of this machine has gone ${number(Math.abs(moved) / 60_000)} min ${moved > 0 ? 'forward' : 'back'} since the broker started`,
    why: `It was set, or the machine slept. What the broker writes down (decisions, rewards, recordings, spans) is ${moved > 0 ? 'early' : 'late'} by as much until it is started again.`,
  }];
}

function loopFindings(broker: BrokerFigures): Finding[] {
  if (broker.loopBusy < BUSY_LOOP) return [];
  const base = { severity: broker.loopBusy < FULL_LOOP ? 'warn' : 'bad', kind: 'broker', subject: 'broker' } as const;
  if (broker.cpu < STARVED_CPU) return [{ ...base, text: `the broker waits for the machine: its thread is busy ${percent(broker.loopBusy)} of the time, and gets ${percent(broker.cpu)} of a core`, why: 'Other programs take the cores; models count as such.' }];
  return [{ ...base, text: `the broker's own thread is busy ${percent(broker.loopBusy)} of the time`, why: 'Queries wait for it, whatever the models do. Send it less, or run another broker beside it.' }];
}

function appFindings(app: AppFigures, models: LiveState['models']): Finding[] {
  const missed = 1 - app.goodPerSecond / app.answersPerSecond;
  if (app.answersPerSecond < LEAST_RATE || missed < SAID_SHARE) return [];
  const [worst] = app.misses.toSorted((a, b) => b.perSecond - a.perSecond);
  return [{
    severity: missed >= BAD_SHARE ? 'bad' : 'warn', kind: 'app', subject: app.name, text: missText(app),
    why: worst === undefined ? '' : sentence(reasonOf(worst, app, models)),
  }];
}

/** `12 % of answers are defaults and 1 % errors` */
function missText({ answersPerSecond, misses }: AppFigures): string {
  const shares = [['default', 'defaults'], ['error', 'errors'], [undefined, 'late']].flatMap(([source, word]) => {
    const rate = misses.filter((miss) => miss.source === source).reduce((sum, { perSecond }) => sum + perSecond, 0);
    return rate > 0 ? [{ rate, word: word ?? '' }] : [];
  }).toSorted((a, b) => b.rate - a.rate);
  return shares.length === 0 ? 'answers miss the objective' : listed(shares.map(({ rate, word }, i) => `${percent(Math.min(1, rate / answersPerSecond))}${i === 0 ? ' of answers are' : ''} ${word}`));
}

/** The reason, and of which arm, with the figures that show it. */
function reasonOf({ reason }: Rate, app: AppFigures, models: LiveState['models']): string {
  const arms = app.arms.flatMap((arm) => modelOfArm(arm, models) ?? []);
  switch (reason) {
    case 'slo_unreachable': case 'deadline_exceeded': case 'late': case 'infeasible': case 'expired_in_queue': case 'queue_full':
      return [because(reason), ...tooSlow(arms, app.sloMs), ...arms.flatMap((arm) => strain(arm, app.sloMs))].slice(0, 4).join('; ');
    case 'no_replica': {
      const without = arms.filter((arm) => readyReplicas(arm) === 0);
      return [because(reason), ...without.map((arm) => `${arm.key} ${absence(arm)}`)].slice(0, 4).join('; ');
    }
    default: return because(reason);
  }
}

/** `p99 of a batch past 20 ms: a@1 48 ms, b@2 31 ms` */
function tooSlow(arms: readonly ModelFigures[], sloMs: number): string[] {
  const slow = arms.filter((arm) => isTooSlow(arm, sloMs)).map(({ key, serviceP99Ms }) => `${key} ${milliseconds(serviceP99Ms)}`);
  return slow.length === 0 ? [] : [`p99 of a batch past ${objective(sloMs)}: ${slow.slice(0, 3).join(', ')}`];
}

function isTooSlow({ serviceP99Ms }: ModelFigures, sloMs: number): boolean {
  return serviceP99Ms !== null && serviceP99Ms > sloMs;
}

/** What else shows that a model version cannot keep up; nothing where it can. */
function strain(model: ModelFigures, sloMs: number): string[] {
  const { key, queueRows, rowsPerSecond, shed } = model;
  if (isTooSlow(model, sloMs)) return [];
  const refused = shed.reduce((sum, { perSecond }) => sum + perSecond, 0);
  if (refused > 0) return [`${key} takes ${number(rowsPerSecond)} rows/s and lets ${number(refused)} rows/s go`];
  return queueRows > 0 ? [`${counted(queueRows, 'row')} wait for ${key}`] : [];
}

function modelFindings(model: ModelFigures): Finding[] {
  const ready = readyReplicas(model);
  if (ready >= model.desired) return [];
  const base = { kind: 'model', subject: model.key, why: model.trouble === undefined ? '' : `Why: ${ended(model.trouble)}` } as const;
  if (ready > 0) return [{ ...base, severity: 'warn', text: `${ready} of ${counted(model.desired, 'replica')} ready: ${states(model)}` }];
  const starting = (model.replicas['starting'] ?? 0) > 0 && model.deaths === 0;
  // What waits for others comes by itself; what does not fit waits for somebody to make room.
  const comes = starting || model.waiting?.why === 'turn' || model.waiting?.why === 'room';
  return [{ ...base, severity: comes ? 'warn' : 'bad', text: `no replica is ready: ${states(model)}` }];
}

function absence(model: ModelFigures): string {
  return model.desired === 0 ? 'is scaled to none' : `has none: ${states(model)}`;
}

/** `2 in a crash loop, 1 starting` */
function states({ replicas, waiting }: ModelFigures): string {
  const words: Readonly<Record<string, string>> = { crash_loop: 'in a crash loop', backoff: 'waiting to start again', ending: 'ending', draining: 'draining', starting: 'starting' };
  const told = Object.entries(replicas).filter(([state]) => state !== 'ready').map(([state, replicaCount]) => `${replicaCount} ${words[state] ?? state}`);
  if (told.length > 0) return told.join(', ');
  return waiting === undefined ? 'none was started yet' : waits(waiting);
}

function waits({ why, text }: NonNullable<ModelFigures['waiting']>): string {
  switch (why) {
    case 'turn': return 'it waits for its turn to load';
    case 'room': return `it waits for its turn: ${text ?? 'the version before it has not ended yet'}`;
    case 'no_memory': return `it is not loaded: ${text ?? 'its memory would not fit'}`;
  }
}

function sentence(text: string): string {
  return ended(`${text.charAt(0).toUpperCase()}${text.slice(1)}`);
}

function ended(text: string): string {
  return /[.!?…]$/u.test(text) ? text : `${text}.`;
}
