/** Index of one number, or one histogram, in the meter's memory. */
export type Cell = number;

/**
 * Counts what happens. Looking a cell up by name and labels is for start-up; adding to it is for every query and costs
 * an array store. Names and labels are those of the table in frontend/metrics/table.ts; the number of cells is bounded,
 * and what comes past the bound counts in one overflow cell.
 */
export interface Meter {
  /** The cell of a counter, gauge or histogram with these label values; the same one for the same values. */
  cell(metric: string, labels?: Readonly<Record<string, string>>): Cell;
  /** Counters and gauges. */
  add(cell: Cell, by: number): void;
  /** Gauges. */
  set(cell: Cell, value: number): void;
  /**
   * Histograms: microseconds where the metric's name says `_seconds` (the scrape divides), else the unit that the name
   * ends with.
   */
  observe(cell: Cell, value: number): void;
  /** Forgets every cell that has these label values: a model version or an app is gone. */
  forget(labels: Readonly<Record<string, string>>): void;
}
