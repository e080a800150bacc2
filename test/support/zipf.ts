/** Draws item numbers from 0 on, number i with a probability in proportion to 1 / (i + 1) ^ exponent. */
export function zipf({ items, exponent, random }: { items: number; exponent: number; random: () => number }): () => number {
  const upTo = new Float64Array(items);
  let sum = 0;
  for (let i = 0; i < items; i++) upTo[i] = sum += (i + 1) ** -exponent;
  return () => {
    const at = random() * sum;
    let low = 0;
    let high = items - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] ?? 0) <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
