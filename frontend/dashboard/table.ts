import { h, keyedRows, type Row } from './dom.ts';

export interface Column {
  readonly name: string;
  /** `num`: set to the right. `wide`: left out on a narrow screen. */
  readonly class?: string;
}

/** A table whose rows are kept by key. */
export function keptTable<T>(options: { readonly caption: string; readonly columns: readonly Column[]; readonly keyOf: (item: T) => string; readonly make: (item: T) => Row<T>; readonly none: string }): { readonly element: HTMLElement; update(items: readonly T[]): void } {
  const body = h('tbody');
  const rows = keyedRows(body, options.keyOf, options.make);
  const head = h('tr', {}, ...options.columns.map(({ name, class: className }) => h('th', { scope: 'col', ...(className === undefined ? {} : { class: className }), text: name })));
  const none = h('p', { class: 'none', text: options.none });
  const table = h('table', {}, h('caption', { text: options.caption }), h('thead', {}, head), body);
  return {
    element: h('div', { class: 'scroll', role: 'region', 'aria-label': options.caption, tabindex: '0' }, table, none),
    update(items) {
      rows(items);
      table.hidden = items.length === 0;
      none.hidden = items.length > 0;
    },
  };
}
