import { h, say, setClass } from './dom.ts';

/** One large number with its name, and a word below it. */
export interface FigureText {
  readonly value: string;
  readonly note?: string;
  /** It is not as it should be. */
  readonly bad?: boolean;
}

/** A strip of large numbers. */
export function figureStrip(names: readonly string[]): { readonly element: HTMLElement; update(texts: readonly FigureText[]): void } {
  const cells = names.map((name) => {
    const value = h('dd', { class: 'num value' });
    const note = h('dd', { class: 'note' });
    return { value, note, element: h('div', {}, h('dt', { text: name }), value, note) };
  });
  return {
    element: h('dl', { class: 'figures' }, ...cells.map(({ element }) => element)),
    update(texts) {
      for (const [i, { value, note, element }] of cells.entries()) {
        const text = texts[i];
        say(value, text?.value ?? '–');
        say(note, text?.note ?? '');
        setClass(element, text?.bad === true ? 'bad' : '');
      }
    },
  };
}
