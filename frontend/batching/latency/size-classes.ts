/** Sizes up to here have a class of their own. */
const EXACT_ROWS = 128;
const EXACT_BITS = 7;
/** Above, each doubling has this many classes (a power of two): a class is at most 1/32 of its size wide. */
const CLASS_BITS = 5;
const CLASSES_PER_DOUBLING = 1 << CLASS_BITS;
const DOUBLINGS = 9;

/** Batch sizes fall into so many classes: up to 65,536 rows; what is larger falls into the last. */
export const SIZE_CLASSES = EXACT_ROWS + DOUBLINGS * CLASSES_PER_DOUBLING;
export const LARGEST_ROWS = EXACT_ROWS << DOUBLINGS;

/**
 * The class of a batch size. Classes end at powers of two and at even parts of them, so that a law which steps there
 * (padded sizes, waves of a GPU) has each step between two classes. After the buckets of HdrHistogram.
 */
export function sizeClassOf(rows: number): number {
  if (rows <= EXACT_ROWS) return rows < 1 ? 0 : Math.ceil(rows) - 1;
  const below = Math.min(Math.ceil(rows), LARGEST_ROWS) - 1;
  const doubling = 31 - Math.clz32(below);
  const part = (below >>> (doubling - CLASS_BITS)) & (CLASSES_PER_DOUBLING - 1);
  return EXACT_ROWS + (doubling - EXACT_BITS) * CLASSES_PER_DOUBLING + part;
}

/** The largest batch size of a class. */
export function rowsOfClass(index: number): number {
  if (index < EXACT_ROWS) return index + 1;
  const above = index - EXACT_ROWS;
  const doubling = EXACT_BITS + (above >>> CLASS_BITS);
  return (CLASSES_PER_DOUBLING + (above & (CLASSES_PER_DOUBLING - 1)) + 1) << (doubling - CLASS_BITS);
}
