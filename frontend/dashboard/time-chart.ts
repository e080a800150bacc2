import type UPlot from 'uplot';
import { stacked as stack, type ChartData } from './columns.ts';
import { h, say } from './dom.ts';
import { colour, themeChanged } from './theme.ts';

/** uPlot's own build, loaded before the modules. */
declare const uPlot: typeof UPlot;

export interface ChartSeries {
  readonly label: string;
  /** Name of a colour of the style sheet. */
  readonly colour: string;
  /** Draws the area below it, too. */
  readonly fill?: boolean;
  readonly dashed?: boolean;
}

export interface ChartShape {
  readonly title: string;
  /** How a value is written at the axis and in the legend. */
  readonly write: (value: number) => string;
  readonly series: readonly ChartSeries[];
  /** Each on top of those before it, as areas; the legend says what each is by itself. */
  readonly stacked?: boolean;
  /** A level to be held against, and its name. */
  readonly level?: () => { readonly value: number; readonly label: string } | undefined;
  /** The axis ends here. */
  readonly most?: number;
}

const HEIGHT = 168;
const RIGHT = 14;
/** Of `16:22:30`. */
const NAME_WIDTH = 48;
const FONT = '11px ui-sans-serif, system-ui, sans-serif';

/** A figure of lines over time: caption with a legend that shows the newest values, or those under the pointer. */
export class TimeChart {
  readonly element: HTMLElement;
  readonly #shape: ChartShape;
  /** What is drawn: of a stack, the sums. */
  #drawn: ChartData = [];
  readonly #host = h('div', { class: 'plot', role: 'img' });
  readonly #values: readonly HTMLElement[];
  #chart: UPlot | undefined;
  #data: ChartData = [];
  #cursor: number | null = null;

  constructor(shape: ChartShape) {
    this.#shape = shape;
    this.#values = shape.series.map(() => h('b', { class: 'num' }));
    const legend = h('span', { class: 'legend' }, ...shape.series.map(({ label, colour: name, dashed }, i) => (
      h('span', {}, h('i', { class: `swatch ${name}${dashed === true ? ' dashed' : ''}` }), label, ' ', this.#values[i] ?? '')
    )));
    this.element = h('figure', { class: 'chart' }, h('figcaption', {}, h('span', { class: 'title', text: shape.title }), legend), h('p', { class: 'none', text: 'Nothing in this time.' }), this.#host);
    this.#host.setAttribute('aria-label', shape.title);
    new ResizeObserver(() => this.#resize()).observe(this.#host);
    themeChanged.addEventListener('change', () => this.#rebuild());
  }

  set(data: ChartData): void {
    this.#data = data;
    const [seconds = [], ...columns] = data;
    this.#drawn = this.#shape.stacked === true ? [seconds, ...stack(columns)] : data;
    // Axes without a line would look like a line at nought.
    this.element.classList.toggle('blank', columns.every((values) => values.every((value) => value === null)));
    if (this.#chart === undefined) this.#rebuild();
    else this.#chart.setData(this.#drawn as UPlot.AlignedData);
    this.#tell();
  }

  #resize(): void {
    const width = this.#host.clientWidth;
    if (width > 0) this.#chart?.setSize({ width, height: HEIGHT });
  }

  #rebuild(): void {
    if (!this.#host.isConnected || this.#data.length === 0) return;
    this.#chart?.destroy();
    this.#chart = new uPlot(this.#options(), this.#drawn as UPlot.AlignedData, this.#host);
  }

  #options(): UPlot.Options {
    const { series, write, most, stacked } = this.#shape;
    const axis = { stroke: colour('muted'), font: FONT, ticks: { show: false }, grid: { stroke: colour('line'), width: 1 } };
    return {
      width: this.#host.clientWidth || 400, height: HEIGHT, padding: [8, RIGHT, 0, 0],
      legend: { show: false }, cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false } },
      scales: { y: { range: (_chart, _low, high) => [0, most ?? Math.max(high, this.#shape.level?.()?.value ?? 0, 1e-3) * 1.06] } },
      axes: [
        { ...axis, grid: { show: false }, size: 22, space: 70, values: (chart, splits) => splits.map((seconds) => (hasRoom(chart, seconds) ? clockTime(seconds) : '')) },
        { ...axis, size: 58, space: 34, values: (_chart, splits) => splits.map((value) => write(value).replace(/\.0+(?= |$)/u, '')) },
      ],
      series: [{}, ...series.map(({ colour: name, fill, dashed }, i) => ({
        stroke: colour(name), width: 1.5, points: { show: false }, spanGaps: false,
        ...(fill === true || (stacked === true && i === 0) ? { fill: colour(`${name}-soft`) } : {}), ...(dashed === true ? { dash: [4, 3] } : {}),
      }))],
      ...(stacked === true ? { bands: series.slice(1).map(({ colour: name }, i) => ({ series: [i + 2, i + 1] as [number, number], fill: colour(`${name}-soft`) })) } : {}),
      hooks: { setCursor: [(chart) => { this.#cursor = chart.cursor.idx ?? null; this.#tell(); }], draw: [(chart) => this.#drawLevel(chart)] },
    };
  }

  #drawLevel(chart: UPlot): void {
    const level = this.#shape.level?.();
    if (level === undefined) return;
    const { ctx, bbox } = chart;
    const y = Math.round(chart.valToPos(level.value, 'y', true)) + 0.5;
    if (y < bbox.top) return;
    ctx.save();
    ctx.strokeStyle = colour('level');
    ctx.setLineDash([5 * devicePixelRatio, 4 * devicePixelRatio]);
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillStyle = colour('muted');
    ctx.font = `${11 * devicePixelRatio}px ui-sans-serif, system-ui, sans-serif`;
    ctx.textAlign = 'right';
    // Lines that pass behind it must not cross it out.
    ctx.setLineDash([]);
    ctx.strokeStyle = colour('paper');
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.lineJoin = 'round';
    ctx.strokeText(level.label, bbox.left + bbox.width - 4 * devicePixelRatio, y - 5 * devicePixelRatio);
    ctx.fillText(level.label, bbox.left + bbox.width - 4 * devicePixelRatio, y - 5 * devicePixelRatio);
    ctx.restore();
  }

  /** The legend, and for who cannot see the lines, the newest values. */
  #tell(): void {
    const { series, write, title } = this.#shape;
    const newest = (this.#data[0]?.length ?? 0) - 1;
    const valueAt = (i: number, at: number): string => {
      const value = this.#data[i + 1]?.[at] ?? null;
      return value === null ? '–' : write(value);
    };
    for (const [i, element] of this.#values.entries()) say(element, valueAt(i, this.#cursor ?? newest));
    const label = `${title}. Now: ${series.map(({ label: name }, i) => `${name} ${valueAt(i, newest)}`).join(', ')}.`;
    if (this.#host.getAttribute('aria-label') !== label) this.#host.setAttribute('aria-label', label);
  }
}

/** Whether a time's name at the axis would not be cut off at the right. */
function hasRoom(chart: UPlot, seconds: number): boolean {
  return chart.valToPos(seconds, 'x') <= chart.bbox.width / devicePixelRatio + RIGHT - NAME_WIDTH / 2;
}

function clockTime(seconds: number): string {
  const at = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return at.getSeconds() === 0 ? `${two(at.getHours())}:${two(at.getMinutes())}` : `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
