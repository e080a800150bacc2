import { Refused } from './broker-api.ts';
import { h, say } from './dom.ts';

/** Asks for something that is written; undefined where nobody wants to say it. */
export function ask({ title, text, label, kind, value = '' }: { readonly title: string; readonly text: string; readonly label: string; readonly kind: 'password' | 'number'; readonly value?: string }): Promise<string | undefined> {
  const input = h('input', { type: kind, value, required: '', autocomplete: 'off', ...(kind === 'number' ? { min: '0', max: '256', step: '1' } : {}) });
  return open(title, [h('p', { text }), h('label', {}, label, input)], 'OK', () => input.value);
}

/** Asks whether something is meant. */
export async function confirmed(title: string, text: string, verb: string): Promise<boolean> {
  return (await open(title, [h('p', { text })], verb, () => 'yes')) !== undefined;
}

/** Runs a change that was confirmed; what the broker says against it stands in `told`. */
export async function tried(told: HTMLElement, done: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
    say(told, done);
  } catch (thrown) {
    say(told, thrown instanceof Refused && thrown.status === 401 ? 'The broker wants a token: use the button at the top.' : thrown instanceof Error ? thrown.message : String(thrown));
  }
}

function open(title: string, content: readonly HTMLElement[], verb: string, valueOf: () => string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const heading = h('h2', { id: 'dialog-title', text: title });
  const cancel = h('button', { class: 'plain', type: 'button', text: 'Cancel', on: { click: () => dialog.close() } });
  const form = h('form', { on: { submit: (event) => { event.preventDefault(); resolve(valueOf()); dialog.close(); } } }, heading, ...content, h('div', { class: 'buttons' }, cancel, h('button', { class: 'main', type: 'submit', text: verb })));
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title', on: { close: () => { resolve(undefined); dialog.remove(); } } }, form);
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}
