import { h, say, type Row } from './dom.ts';
import { count, percent } from './format.ts';
import { interval } from './spark.ts';
import { keptTable } from './table.ts';

/** What `GET /admin/apps/{app}/selection` says, as far as it is shown. */
export interface SelectionReply {
  readonly policy: string;
  readonly contextual: boolean;
  readonly arms: readonly SelectionArm[];
}

interface SelectionArm {
  readonly arm: string;
  readonly version: number | null;
  readonly replicas: number;
  readonly open: boolean;
  readonly share: number;
  readonly reward?: { readonly mean: number; readonly low: number; readonly high: number; readonly weight: number };
  readonly probability_best: number;
}

/** Share, reward with its interval and probability of being best, of each arm. */
export function selectionTable(): { readonly element: HTMLElement; update(reply: SelectionReply): void; failed(thrown: unknown): void } {
  const told = h('p', { class: 'about' });
  const table = keptTable<SelectionArm>({
    caption: 'Selection', keyOf: ({ arm }) => arm, make: ({ arm }) => armRow(arm), none: 'No arm is known yet.',
    columns: [{ name: 'arm' }, { name: 'share of traffic' }, { name: 'reward', class: 'num' }, { name: '0 … 95 % interval … 1', class: 'wide' }, { name: 'rewards', class: 'num wide' }, { name: 'is the best', class: 'num' }, { name: 'may be asked' }],
  });
  return {
    element: h('div', {}, table.element, told),
    update({ policy, contextual, arms }) {
      say(told, `The policy is ${policy}.${contextual ? ' It reads the context of a query; the shares are those of a query without one.' : ''}`);
      table.update(arms);
    },
    failed: (thrown) => say(told, thrown instanceof Error ? thrown.message : String(thrown)),
  };
}

function armRow(arm: string): Row<SelectionArm> {
  const bar = h('progress', { max: '1', 'aria-hidden': 'true' });
  const share = h('span', { class: 'num' });
  const cells = { reward: h('td', { class: 'num' }), range: h('td', { class: 'wide' }), weight: h('td', { class: 'num wide' }), best: h('td', { class: 'num' }), open: h('td') };
  return {
    element: h('tr', {}, h('th', { scope: 'row', text: arm }), h('td', { class: 'bar' }, bar, share), ...Object.values(cells)),
    update({ share: part, reward, probability_best: best, open, replicas, version }) {
      bar.value = part;
      say(share, percent(part));
      say(cells.reward, reward === undefined ? '–' : reward.mean.toFixed(3));
      cells.range.title = reward === undefined ? '' : `${reward.low.toFixed(3)} to ${reward.high.toFixed(3)}`;
      cells.range.replaceChildren(interval(reward), h('span', { class: 'hidden', text: reward === undefined ? 'nothing known' : `${reward.low.toFixed(3)} to ${reward.high.toFixed(3)}` }));
      say(cells.weight, reward === undefined ? '–' : count(reward.weight));
      say(cells.best, percent(best));
      say(cells.open, open ? 'yes' : version === null ? 'no: no such version' : replicas === 0 ? 'no: no replica' : 'no: too slow for the objective');
    },
  };
}
