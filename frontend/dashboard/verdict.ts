import { h, keyedRows, say, setClass, type Row } from './dom.ts';
import type { Finding } from './findings.ts';
import { counted, unbroken } from './format.ts';

/** Where a finding's subject is shown. */
function hrefOf({ kind, subject }: Pick<Finding, 'kind' | 'subject'>): string {
  return kind === 'broker' ? '#/' : `#/${kind}/${encodeURIComponent(subject)}`;
}

/** The first thing that somebody sees: whether all is well, and if not, what is wrong and why. */
export function verdict(title: string): { readonly element: HTMLElement; update(found: readonly Finding[], well: string): void } {
  const line = h('p', { class: 'line', role: 'status' });
  const list = h('ul', { class: 'findings' });
  const rows = keyedRows<Finding>(list, ({ kind, subject }) => `${kind} ${subject}`, findingRow);
  const element = h('section', { class: 'verdict' }, h('h1', { tabindex: '-1', text: title }), line, list);
  return {
    element,
    update(found, well) {
      const bad = found.filter(({ severity }) => severity === 'bad').length;
      setClass(element, `verdict ${bad > 0 ? 'bad' : found.length > 0 ? 'warn' : 'good'}`);
      say(line, found.length === 0 ? well : bad > 0 ? `${counted(bad, 'thing is', 'things are')} wrong.` : `${counted(found.length, 'thing', 'things')} to look at.`);
      rows(found);
    },
  };
}

function findingRow(first: Finding): Row<Finding> {
  const text = h('span');
  const why = h('span', { class: 'why' });
  const element = h('li', {}, h('a', { href: hrefOf(first), text: first.subject }), ': ', text, ' ', why);
  return {
    element,
    update(finding) {
      setClass(element, finding.severity);
      say(text, unbroken(`${finding.text}.`));
      say(why, unbroken(finding.why));
    },
  };
}
