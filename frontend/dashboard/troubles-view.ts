import { h } from './dom.ts';
import { findings } from './findings.ts';
import { troubleList } from './trouble-list.ts';
import { verdict } from './verdict.ts';
import type { View } from './view.ts';

/** Everything that is wrong now, and all that the broker warned of since it started, as far as it is kept. */
export function troublesView(): View {
  const said = verdict('Troubles');
  const list = troubleList(Number.POSITIVE_INFINITY);
  return {
    title: 'Troubles',
    element: h('div', {}, said.element, h('section', {}, h('h2', { text: 'What the broker warned of' }), list.element)),
    update(state) {
      said.update(findings(state), 'Nothing is wrong now.');
      list.update(state.troubles, state.at);
    },
    start: () => undefined,
  };
}
