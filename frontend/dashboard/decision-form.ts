import { read } from './broker-api.ts';
import { decisionWords, type DecisionReply } from './decision-words.ts';
import { h } from './dom.ts';

/** Takes a decision id and says how the answer came about. */
export function decisionForm(): HTMLElement {
  const input = h('input', { type: 'text', id: 'decision', spellcheck: 'false', autocomplete: 'off', maxlength: '160', placeholder: 'AQEp…', required: '' });
  const told = h('div', { class: 'told', role: 'status' });
  const explain = async (): Promise<void> => {
    const id = input.value.trim();
    if (id === '') return;
    try {
      const reply = await read<DecisionReply>(`/admin/decisions/${encodeURIComponent(id)}`);
      told.replaceChildren(...decisionWords(reply).map((text) => h('p', { text })));
    } catch (thrown) {
      told.replaceChildren(h('p', { class: 'bad', text: thrown instanceof Error ? thrown.message : String(thrown) }));
    }
  };
  return h('form', { class: 'ask', on: { submit: (event) => { event.preventDefault(); void explain(); } } },
    h('label', { for: 'decision', text: 'decision_id of an answer' }), h('div', { class: 'line' }, input, h('button', { class: 'main', type: 'submit', text: 'Explain' })), told);
}
