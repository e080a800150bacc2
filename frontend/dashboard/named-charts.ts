import { chartData, namesOf, shares, type ChartData } from './columns.ts';
import { h } from './dom.ts';
import { number, percent } from './format.ts';
import type { History } from './snapshot.ts';
import { TimeChart } from './time-chart.ts';

/** As many lines as have a colour of their own. */
const COLOURS = ['accent', 'second', 'third', 'fourth', 'fifth'] as const;
const MOST_OF_A_KIND = 3;

interface Picked {
  readonly names: readonly string[];
  readonly data: ChartData;
}

interface NamedChartParts {
  readonly title: string;
  readonly write: (value: number) => string;
  readonly most?: number;
  readonly pick: (history: History) => Picked;
  /** How a column is called in the legend. */
  readonly word: (name: string) => string;
}

/** A chart whose lines are found in the data: it is made anew when others come. */
export interface NamedChart {
  readonly element: HTMLElement;
  set(history: History): void;
}

/** Misses, by reason. */
export function reasonsChart(): NamedChart {
  return namedChart({
    title: 'Missed a second, by reason', write: number,
    pick: (history) => {
      const names = ['default:', 'error:', 'late'].flatMap((prefix) => namesOf(history, prefix, MOST_OF_A_KIND)).slice(0, COLOURS.length);
      return { names, data: chartData(history, names) };
    },
    word: (name) => name.replace(/^default:/u, '').replace(/^error:(.*)/u, '$1 (error)').replaceAll('_', ' '),
  });
}

/** Rows that queues let go, by reason. */
export function shedChart(): NamedChart {
  return namedChart({
    title: 'Rows let go a second, by reason', write: number,
    pick: (history) => {
      const names = namesOf(history, 'shed:', COLOURS.length);
      return { names, data: chartData(history, names) };
    },
    word: (name) => name.slice('shed:'.length).replaceAll('_', ' '),
  });
}

/** Who gets the traffic: a line an arm, of those that get most. */
export function armsChart(): NamedChart {
  return namedChart({
    title: 'Share of the traffic', write: percent, most: 1,
    pick: (history) => {
      const all = namesOf(history, 'arm:', Number.POSITIVE_INFINITY);
      const names = all.slice(0, COLOURS.length);
      const [at = [], ...columns] = chartData(history, all);
      return { names, data: [at, ...shares(columns).slice(0, names.length)] };
    },
    word: (name) => name.slice('arm:'.length),
  });
}

function namedChart({ title, write, most, pick, word }: NamedChartParts): NamedChart {
  const element = h('div', { class: 'slot' }, h('p', { class: 'none', text: `${title}: nothing in this time.` }));
  let drawn = '';
  let chart: TimeChart | undefined;
  return {
    element,
    set(history) {
      const { names, data } = pick(history);
      if (names.length === 0) return;
      if (chart === undefined || names.join('\0') !== drawn) {
        drawn = names.join('\0');
        chart = new TimeChart({ title, write, ...(most === undefined ? {} : { most }), series: names.map((name, i) => ({ label: word(name), colour: COLOURS[i] ?? 'accent' })) });
        element.replaceChildren(chart.element);
      }
      chart.set(data);
    },
  };
}
