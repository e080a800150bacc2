import { ERRORS, type ErrorRow } from '../../frontend/domain/errors.ts';
import { METRICS, unitsPerBase, isMetric } from '../../frontend/metrics/table.ts';

/** A table in Markdown; `|` inside a cell is escaped. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

export function errorTable(errors: Readonly<Record<string, ErrorRow>> = ERRORS): string {
  const rows = Object.entries(errors).map(([code, row]) => [`\`${code}\``, String(row.http), row.grpc, row.retryable ? 'yes' : '', row.miss ? 'yes' : '', row.message]);
  return table(['code', 'HTTP', 'gRPC', 'retry helps', 'reason beside a default', 'meaning'], rows);
}

export function metricTable(): string {
  const rows = Object.keys(METRICS).filter(isMetric).map((name) => {
    const { kind, labels, help, bounds } = METRICS[name];
    const units = unitsPerBase(name);
    const buckets = bounds === undefined ? '' : `${(bounds[0] ?? 0) / units} to ${(bounds.at(-1) ?? 0) / units}`;
    return [`\`${name}\``, kind, labels.map((label) => `\`${label}\``).join(', '), buckets, help];
  });
  return table(['metric', 'kind', 'labels', 'buckets', 'meaning'], rows);
}
