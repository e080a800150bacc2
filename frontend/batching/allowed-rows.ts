/** The largest of the allowed sizes, which rise, that is not above `rows`; `rows` itself where none is. */
export function allowedUpTo(rows: number, allowedRows: readonly number[]): number {
  let allowed = rows;
  for (const size of allowedRows) {
    if (size > rows) break;
    allowed = size;
  }
  return allowed;
}
