/** Some items, and their sizes together. */
export interface Piece<Item> {
  readonly items: readonly Item[];
  readonly size: number;
}

/** Items in their order, in pieces whose sizes together are at most `most`; one that is larger is a piece of its own. No items: no pieces. */
export function piecesBySize<Item>(items: readonly Item[], most: number, sizeOf: (item: Item) => number): readonly Piece<Item>[] {
  const pieces: { readonly items: Item[]; size: number }[] = [];
  for (const item of items) {
    const last = pieces.at(-1);
    const size = sizeOf(item);
    if (last !== undefined && last.size + size <= most) {
      last.items.push(item);
      last.size += size;
    } else {
      pieces.push({ items: [item], size });
    }
  }
  return pieces;
}
