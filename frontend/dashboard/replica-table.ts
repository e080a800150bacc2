import { change } from './broker-api.ts';
import { ask, confirmed, tried } from './dialog.ts';
import { h, say, setClass, type Row } from './dom.ts';
import { duration } from './format.ts';
import { keptTable } from './table.ts';

/** What `GET /admin/models/{model}/versions/{version}` says, as far as it is shown. */
export interface ModelReply {
  readonly status?: { readonly desired: number; readonly replicas: readonly ReplicaReply[] };
}

interface ReplicaReply {
  readonly id: string;
  readonly state: string;
  readonly stateForMs: number;
  readonly pid?: number;
  readonly address?: string;
  readonly deaths: number;
  readonly reason?: string;
  readonly output: readonly string[];
}

const STATE_WORDS: Readonly<Record<string, string>> = { crash_loop: 'crash loop', backoff: 'waits to start again' };
const OUTPUT_LINES = 20;

/** The replicas of a model version by state, and the operator's hands on them. */
export function replicaTable(model: string, version: string): { readonly element: HTMLElement; update(reply: ModelReply): void; failed(thrown: unknown): void } {
  const told = h('p', { class: 'told', role: 'status' });
  const path = `/admin/models/${encodeURIComponent(model)}/versions/${encodeURIComponent(version)}/replicas`;
  let desired = 0;
  const scale = async (): Promise<void> => {
    const wanted = await ask({ title: `Scale ${model}@${version}`, text: 'Surplus replicas are drained: they answer what they have.', label: 'replicas', kind: 'number', value: String(desired) });
    if (wanted !== undefined) await tried(told, `${model}@${version} is to have ${wanted} replicas.`, () => change('PUT', path, { replicas: Number(wanted) }));
  };
  const restart = async (id: string): Promise<void> => {
    if (!await confirmed(`Restart ${id}?`, 'Another one is started in its place; it serves on until that is ready.', 'Restart')) return;
    await tried(told, `${id} is being replaced.`, () => change('POST', `${path}/${ordinalOf(id)}/restart`, {}));
  };
  const table = keptTable<ReplicaReply>({
    caption: 'Replicas', keyOf: ({ id }) => id, make: ({ id }) => replicaRow(id, restart), none: 'There is none.',
    columns: [{ name: 'replica' }, { name: 'state' }, { name: 'for', class: 'num wide' }, { name: 'process', class: 'num wide' }, { name: 'deaths', class: 'num' }, { name: 'why it last ended' }, { name: 'action' }],
  });
  return {
    element: h('div', {}, table.element, h('div', { class: 'buttons' }, h('button', { class: 'plain', type: 'button', text: 'Scale …', on: { click: () => void scale() } }), told)),
    update({ status }) {
      desired = status?.desired ?? 0;
      table.update(status?.replicas ?? []);
    },
    failed: (thrown) => say(told, thrown instanceof Error ? thrown.message : String(thrown)),
  };
}

function replicaRow(id: string, restart: (id: string) => Promise<void>): Row<ReplicaReply> {
  const state = h('span');
  const output = h('pre');
  const printed = h('details', {}, h('summary', { text: 'last output' }), output);
  const reason = h('span');
  const cells = { state: h('td', {}, state), since: h('td', { class: 'num wide' }), pid: h('td', { class: 'num wide' }), deaths: h('td', { class: 'num' }), why: h('td', { class: 'words' }, reason, printed) };
  return {
    element: h('tr', {}, h('th', { scope: 'row', text: id }), ...Object.values(cells),
      h('td', {}, h('button', { class: 'plain', type: 'button', 'aria-label': `Restart ${id}`, text: 'Restart', on: { click: () => void restart(id) } }))),
    update(replica) {
      say(state, STATE_WORDS[replica.state] ?? replica.state);
      setClass(state, `state ${replica.state === 'ready' ? 'good' : replica.state === 'crash_loop' || replica.state === 'backoff' ? 'bad' : 'warn'}`);
      say(cells.since, duration(replica.stateForMs));
      say(cells.pid, replica.pid === undefined ? (replica.address ?? '–') : String(replica.pid));
      say(cells.deaths, String(replica.deaths));
      say(reason, replica.reason ?? '');
      say(output, replica.output.slice(-OUTPUT_LINES).join('\n'));
      printed.hidden = replica.output.length === 0;
    },
  };
}

/** `digits-mlp@1#2` or `digits-mlp@1/2.1`: the number of the replica, without that of its life. */
function ordinalOf(id: string): string {
  return /(\d+)(?:\.\d+)?$/u.exec(id)?.[1] ?? id;
}
