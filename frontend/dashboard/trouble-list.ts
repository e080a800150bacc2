import { h, keyedRows, say, type Row } from './dom.ts';
import { counted, duration } from './format.ts';
import type { Trouble } from './snapshot.ts';

/** What the broker warned of, newest first, at most so many. */
export function troubleList(most: number): { readonly element: HTMLElement; update(troubles: readonly Trouble[], now: number): void } {
  const list = h('ol', { class: 'troubles' });
  const none = h('p', { class: 'none', text: 'Nothing since the broker started.' });
  let now = 0;
  const rows = keyedRows<Trouble>(list, ({ subject, text }) => `${subject}\0${text}`, (first) => troubleRow(first, () => now));
  return {
    element: h('div', {}, list, none),
    update(troubles, at) {
      now = at;
      rows(troubles.slice(0, most));
      none.hidden = troubles.length > 0;
    },
  };
}

function troubleRow({ subject, text, level }: Trouble, now: () => number): Row<Trouble> {
  const ago = h('time');
  const times = h('span', { class: 'times' });
  return {
    element: h('li', { class: level === 'error' ? 'bad' : 'warn' }, ago, h('span', { class: 'text' }, ...(subject === '' ? [] : [h('b', { text: subject }), ' ']), text, ' ', times)),
    update(trouble) {
      ago.dateTime = new Date(trouble.at).toISOString();
      say(ago, `${duration(now() - trouble.at)} ago`);
      say(times, trouble.times > 1 ? `(${counted(trouble.times, 'time')})` : '');
    },
  };
}
