/** Items in their order, in pieces whose sizes together are at most `most`; one that is larger is a piece of its own. No items: no pieces. */
export function piecesBySize<Item>(items: readonly Item[], most: number, sizeOf: (item: Item) => number): readonly (readonly Item[])[] {
  const pieces: Item[][] = [];
  let size = 0;
  for (const item of items) {
    const last = pieces.at(-1);
    const own = sizeOf(item);
    size += own;
    if (last !== undefined && size <= most) {
      last.push(item);
    } else {
      pieces.push([item]);
      size = own;
    }
  }
  return pieces;
}
